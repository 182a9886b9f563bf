package faultline

import (
	"strconv"
	"strings"

	"go.k6.io/k6/v2/metrics"
)

// scenarioPrefix and the path's index are the name of a path's k6 scenario.
const scenarioPrefix = "path"

// drops is an output that passes on which iterations k6 did not start, and when, and ends the client with the test.
type drops struct{}

// Description is what k6 prints about the output.
func (*drops) Description() string { return "faultline (dropped iterations)" }

// Start has nothing to do: the client is opened by the script.
func (*drops) Start() error { return nil }

// AddMetricSamples looks for dropped iterations; everything else is the harness's own to count.
func (*drops) AddMetricSamples(containers []metrics.SampleContainer) {
	for _, container := range containers {
		if _, single := container.(metrics.Sample); !single {
			continue
		}
		for _, sample := range container.GetSamples() {
			if sample.Metric.Name == metrics.DroppedIterationsName {
				passOn(sample)
			}
		}
	}
}

func passOn(sample metrics.Sample) {
	scenario, _ := sample.Tags.Get("scenario")
	index, err := strconv.Atoi(strings.TrimPrefix(scenario, scenarioPrefix))
	if err != nil || shared.client == nil {
		return
	}
	for range int(sample.Value) {
		shared.client.Dropped(index, sample.Time)
	}
}

// Stop hands over what still waits.
func (*drops) Stop() error {
	if shared.client != nil {
		shared.client.Close()
	}
	return nil
}
