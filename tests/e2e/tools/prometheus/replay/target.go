package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

// Each scrape of a history starts with a line that has its time (Unix seconds), and continues in the
// text format: after `scraped` with all series, after `scraped again` only with those that changed.
const (
	scraped = "# scraped %d\n"
	again   = "# scraped again %d\n"
)

// target is the only target of the Prometheus.
type target struct {
	history *bufio.Reader
	heading string
	// The series of the last scrape, by their text.
	series  map[string]*series
	symbols *labels.SymbolTable
}

type series struct {
	labels labels.Labels
	ref    storage.SeriesRef
	value  float64
	scrape int64
}

func newTarget(history io.Reader) *target {
	return &target{
		history: bufio.NewReaderSize(history, 1<<20),
		series:  map[string]*series{},
		symbols: labels.NewSymbolTable(),
	}
}

// next writes the next scrape of the history into a memory, as Prometheus does, and returns its time.
func (t *target) next(memory *memory) (time.Time, error) {
	var seconds int64
	body, isWhole, err := t.read(&seconds)
	if err != nil {
		return time.Time{}, err
	}
	now := time.Unix(seconds, 0)
	if err := memory.passed(now); err != nil {
		return now, err
	}
	if err := t.parse(body, seconds); err != nil {
		return now, fmt.Errorf("the scrape of %s: %w", now.UTC(), err)
	}
	appender := memory.Appender(context.Background())
	for text, known := range t.series {
		sample := known.value
		if isWhole && known.scrape != seconds {
			sample = math.Float64frombits(value.StaleNaN)
			delete(t.series, text)
		}
		if known.ref, err = appender.Append(known.ref, known.labels, now.UnixMilli(), sample); err != nil {
			return now, fmt.Errorf("%s at %s: %w", text, now.UTC(), err)
		}
	}
	return now, appender.Commit()
}

// read reads one scrape of the history.
func (t *target) read(seconds *int64) (body []byte, isWhole bool, err error) {
	if t.heading == "" {
		if t.heading, err = t.history.ReadString('\n'); err != nil {
			return nil, false, err
		}
	}
	if _, err := fmt.Sscanf(t.heading, scraped, seconds); err == nil {
		isWhole = true
	} else if _, err := fmt.Sscanf(t.heading, again, seconds); err != nil {
		return nil, false, fmt.Errorf("not the start of a scrape: %q", t.heading)
	}
	t.heading = ""
	for {
		line, err := t.history.ReadBytes('\n')
		if err == io.EOF {
			return body, isWhole, nil
		}
		if err != nil {
			return nil, false, err
		}
		if bytes.HasPrefix(line, []byte("# scraped ")) {
			t.heading = string(line)
			return body, isWhole, nil
		}
		body = append(body, line...)
	}
}

// parse updates the series with the values of a scrape.
func (t *target) parse(body []byte, seconds int64) error {
	parser := textparse.NewPromParser(body, t.symbols, false)
	builder := labels.NewBuilder(labels.EmptyLabels())
	for {
		entry, err := parser.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		text, _, sample := parser.Series()
		known, ok := t.series[string(text)]
		if !ok {
			var own labels.Labels
			parser.Labels(&own)
			builder.Reset(own)
			builder.Set("job", "notafter").Set("instance", "notafter:9779")
			known = &series{labels: builder.Labels()}
			t.series[string(text)] = known
		}
		known.value, known.scrape = sample, seconds
	}
}
