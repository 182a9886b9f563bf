package main

import (
	"io"
	"testing"
	"time"
)

// wire gives the packets of `in`, then the end, and keeps what is written and when.
type wire struct {
	in  []string
	out []string
	at  []time.Time
}

func (w *wire) Read(buffer []byte) (int, error) {
	if len(w.in) == 0 {
		return 0, io.EOF
	}
	size := copy(buffer, w.in[0])
	w.in = w.in[1:]
	return size, nil
}

func (w *wire) Write(body []byte) (int, error) {
	w.out = append(w.out, string(body))
	w.at = append(w.at, time.Now())
	return len(body), nil
}

func TestPacketsComeLaterInTheirOrder(t *testing.T) {
	const delay = 30 * time.Millisecond
	w := &wire{in: []string{"a", "bb", "c"}}
	began := time.Now()
	if err := carry(w, line{delay: delay, lost: func() bool { return false }}); err != io.EOF {
		t.Fatal(err)
	}
	if got := len(w.out); got != 3 || w.out[0] != "a" || w.out[1] != "bb" || w.out[2] != "c" {
		t.Errorf("came out: %q", w.out)
	}
	for index, at := range w.at {
		if at.Sub(began) < delay {
			t.Errorf("packet %d came out after %v", index, at.Sub(began))
		}
	}
}

func TestLostPacketsDoNotComeOut(t *testing.T) {
	w := &wire{in: []string{"a", "b", "c", "d"}}
	turn := 0
	lost := func() bool { turn++; return turn%2 == 0 }
	if err := carry(w, line{lost: lost}); err != io.EOF {
		t.Fatal(err)
	}
	if len(w.out) != 2 || w.out[0] != "a" || w.out[1] != "c" {
		t.Errorf("came out: %q", w.out)
	}
}
