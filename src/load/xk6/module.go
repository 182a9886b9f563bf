// Package faultline is xk6-faultline: the JavaScript module k6/x/faultline sends requests itself and tells the faultline
// harness about each, and the output of the same name tells it of the iterations k6 has dropped.
package faultline

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/output"
	"xk6-faultline/probe"
)

// orphanExit is the exit code of a k6 whose harness is gone; none of k6's own.
const orphanExit = 90

func init() {
	modules.Register("k6/x/faultline", shared)
	output.RegisterExtension("faultline", func(output.Params) (output.Output, error) { return &drops{}, nil })
}

// root is what all virtual users of a process share: one client, opened by the first of them.
type root struct {
	once   sync.Once
	client *probe.Client
	err    error
}

var shared = &root{}

// NewModuleInstance gives a virtual user its end of the shared client.
func (r *root) NewModuleInstance(vu modules.VU) modules.Instance { return &instance{root: r, vu: vu} }

type instance struct {
	root *root
	vu   modules.VU
}

// Exports are the functions scripts see.
func (i *instance) Exports() modules.Exports {
	return modules.Exports{Default: map[string]any{"open": i.open, "request": i.request}}
}

// open connects to the harness. Only the first call of a process does anything; all get its error.
func (i *instance) open(config string) error {
	i.root.once.Do(func() {
		var read probe.Config
		if i.root.err = json.Unmarshal([]byte(config), &read); i.root.err == nil {
			i.root.client, i.root.err = probe.Open(read)
		}
		if i.root.err == nil {
			go endWith(i.root.client)
		}
	})
	return i.root.err
}

// endWith ends the process when the harness is gone: load must not outlive the one who judges it and undoes faults.
func endWith(client *probe.Client) {
	<-client.Gone()
	fmt.Fprintln(os.Stderr, "faultline: the harness is gone, so the load ends")
	os.Exit(orphanExit)
}

// request sends the next request of a path and returns when it has ended.
func (i *instance) request(path int) error {
	state := lib.GetScenarioState(i.vu.Context())
	if i.root.client == nil || state == nil {
		return errors.New("faultline.request works inside an iteration, after faultline.open")
	}
	return i.root.client.Request(path, state.StartTime)
}
