package main

import (
	"io"
	"time"
)

// As many packets as a second of a busy lab; when more are under way, the kernel's own queue fills, and it drops.
const most = 1 << 16

// The largest packet of IPv4.
const largest = 1 << 16

// line says what happens to packets.
type line struct {
	delay time.Duration
	lost  func() bool
}

type packet struct {
	body []byte
	due  time.Time
}

// carry hands every packet that is read on to be written when it is due, and returns why it ended.
func carry(device io.ReadWriter, along line) error {
	underWay := make(chan packet, most)
	failed := make(chan error, 2)
	go func() {
		defer close(underWay)
		buffer := make([]byte, largest)
		for {
			size, err := device.Read(buffer)
			if err != nil {
				failed <- err
				return
			}
			if along.lost() {
				continue
			}
			body := append([]byte(nil), buffer[:size]...)
			underWay <- packet{body: body, due: time.Now().Add(along.delay)}
		}
	}()
	for one := range underWay {
		time.Sleep(time.Until(one.due))
		// The kernel refuses what it cannot route any more: that packet is lost, the line is not.
		_, _ = device.Write(one.body)
	}
	return <-failed
}
