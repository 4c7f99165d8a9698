package main

import (
	"context"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// remembered is the retention of samples, much longer than the range of any rule.
const remembered = 72 * time.Hour

// memory is the head of Prometheus's database, without blocks.
type memory struct {
	head      *tsdb.Head
	folder    string
	truncated time.Time
}

func remember() (*memory, error) {
	folder, err := os.MkdirTemp("", "replay-")
	if err != nil {
		return nil, err
	}
	options := tsdb.DefaultHeadOptions()
	options.ChunkDirRoot = folder
	// By default a chunk covers two hours, which is a sample or two of a history by the hour, and every
	// read walks through all chunks of a series: the evaluation takes three times as long.
	options.ChunkRange = remembered.Milliseconds()
	head, err := tsdb.NewHead(nil, slog.New(slog.NewTextHandler(io.Discard, nil)), nil, nil, options, nil)
	if err != nil {
		return nil, err
	}
	return &memory{head: head, folder: folder}, head.Init(math.MinInt64)
}

func (m *memory) forget() {
	m.head.Close()
	os.RemoveAll(m.folder)
}

// Appender implements storage.Appendable.
func (m *memory) Appender(ctx context.Context) storage.Appender {
	return m.head.Appender(ctx)
}

// Querier implements storage.Queryable.
func (m *memory) Querier(mint, maxt int64) (storage.Querier, error) {
	return tsdb.NewBlockQuerier(tsdb.NewRangeHead(m.head, mint, maxt), mint, maxt)
}

// passed drops the samples that are too old for any rule.
func (m *memory) passed(now time.Time) error {
	if now.Sub(m.truncated) < remembered {
		return nil
	}
	m.truncated = now
	return m.head.Truncate(now.Add(-remembered).UnixMilli())
}
