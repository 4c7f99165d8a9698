// Replay evaluates alerting rules over a history of scrapes, and prints which alerts fired when.
//
//	replay RULES < HISTORY
//
// Every rule is evaluated at the time of every scrape, by Prometheus's own code and without sleeping.
// The output is JSON: a line for every alert that starts to fire or is resolved, and a last line with
// totals. A rule that fails is an error.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
)

// change is an alert that started to fire or was resolved.
type change struct {
	Time        int64         `json:"time"`
	State       string        `json:"state"`
	Value       float64       `json:"value"`
	Labels      labels.Labels `json:"labels"`
	Annotations labels.Labels `json:"annotations"`
}

// count has the totals of a history.
type count struct {
	Scrapes int   `json:"scrapes"`
	Samples int   `json:"samples"`
	Until   int64 `json:"until"`
	// The longest time that an alert was pending without firing, in seconds, by its name.
	Waited map[string]int64 `json:"waited"`
}

func main() {
	debug.SetGCPercent(800) // evaluations produce much garbage and little else

	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: replay RULES < HISTORY")
		os.Exit(2)
	}
	if err := replay(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

func replay(rulesFile string, history io.Reader, output io.Writer) error {
	memory, err := remember()
	if err != nil {
		return err
	}
	defer memory.forget()
	groups, err := load(rulesFile, memory)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(output)
	lines.SetEscapeHTML(false)
	scrapes := newTarget(history)
	firing := map[string]change{}
	counted := count{Waited: map[string]int64{}}
	for {
		at, err := scrapes.next(memory)
		if err == io.EOF {
			return lines.Encode(counted)
		}
		if err != nil {
			return err
		}
		counted.Scrapes++
		counted.Samples += len(scrapes.series)
		counted.Until = at.Unix()
		now, err := evaluate(groups, at, counted.Waited)
		if err != nil {
			return err
		}
		for _, change := range changes(firing, now, at) {
			if err := lines.Encode(change); err != nil {
				return err
			}
		}
		firing = now
	}
}

// load reads the groups of rules, sorted by name.
func load(file string, memory *memory) ([]*rules.Group, error) {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples:           50_000_000,
		Timeout:              time.Minute,
		LookbackDelta:        5 * time.Minute,
		EnableAtModifier:     true,
		EnableNegativeOffset: true,
	})
	manager := rules.NewManager(&rules.ManagerOptions{
		Context:    context.Background(),
		QueryFunc:  rules.EngineQueryFunc(engine, memory),
		Appendable: memory,
		Queryable:  memory,
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
		Logger:     slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	loaded, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, file)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	var groups []*rules.Group
	for _, group := range loaded {
		for _, rule := range group.Rules() {
			if rule, ok := rule.(*rules.AlertingRule); ok {
				// There is no state to restore, and a rule writes none before it is restored.
				rule.SetRestored(true)
			}
		}
		groups = append(groups, group)
	}
	sort.Slice(groups, func(i, j int) bool { return groups[i].Name() < groups[j].Name() })
	return groups, nil
}

// evaluate evaluates all rules at a time, and returns the firing alerts by their labels.
func evaluate(groups []*rules.Group, at time.Time, waited map[string]int64) (map[string]change, error) {
	firing := map[string]change{}
	for _, group := range groups {
		group.Eval(context.Background(), at)
		for _, rule := range group.Rules() {
			if err := rule.LastError(); err != nil {
				return nil, fmt.Errorf("%s at %s: %w", rule.Name(), at.UTC(), err)
			}
			alerting, ok := rule.(*rules.AlertingRule)
			if !ok {
				continue
			}
			for _, alert := range alerting.ActiveAlerts() {
				if text := alert.Annotations.String(); strings.Contains(text, "<error expanding template") {
					return nil, fmt.Errorf("%s at %s: %s", rule.Name(), at.UTC(), text)
				}
				switch alert.State {
				case rules.StateFiring:
					firing[alert.Labels.String()] = change{at.Unix(), "firing", alert.Value, alert.Labels, alert.Annotations}
				case rules.StatePending:
					waited[rule.Name()] = max(waited[rule.Name()], at.Unix()-alert.ActiveAt.Unix())
				}
			}
		}
	}
	return firing, nil
}

// changes returns the alerts that are resolved since before, then those that fire since.
func changes(before, now map[string]change, at time.Time) []change {
	var changes []change
	for key, alert := range before {
		if _, fires := now[key]; !fires {
			changes = append(changes, change{at.Unix(), "resolved", alert.Value, alert.Labels, alert.Annotations})
		}
	}
	for key, alert := range now {
		if _, fired := before[key]; !fired {
			changes = append(changes, alert)
		}
	}
	sort.Slice(changes, func(i, j int) bool {
		if changes[i].State != changes[j].State {
			return changes[i].State > changes[j].State
		}
		return changes[i].Labels.String() < changes[j].Labels.String()
	})
	return changes
}
