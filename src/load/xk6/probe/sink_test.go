package probe

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

func deaf([]byte) {}

func TestLinesThatAreLongAreFew(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	sink := NewSink(near, 1000, deaf)
	// Of lines this long, 128 fit; one batch may be on its way besides.
	for range 400 {
		sink.Line(make([]byte, 512<<10))
	}
	if lost := sink.Lost(); lost < 400-2*128 {
		t.Errorf("only %d of 400 lines were given up", lost)
	}
}

func TestAFrozenReaderStopsNobody(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	sink := NewSink(near, 100, deaf)
	var senders sync.WaitGroup
	for range 8 {
		senders.Add(1)
		go func() {
			defer senders.Done()
			for i := range 1000 {
				sink.Line(fmt.Appendf(nil, "{\"p\":%d}\n", i))
			}
		}()
	}
	senders.Wait()
	if sink.Lost() < 8000-2*100 {
		t.Errorf("only %d of 8000 lines were given up", sink.Lost())
	}
}

func TestEveryLineArrivesOrIsCounted(t *testing.T) {
	near, far := net.Pipe()
	sink := NewSink(near, 1000, deaf)
	arrived := make(chan int)
	go func() {
		lines, chains := 0, 0
		for scanner := bufio.NewScanner(far); scanner.Scan(); {
			switch {
			case strings.HasPrefix(scanner.Text(), `{"chain"`):
				chains++
			case strings.HasPrefix(scanner.Text(), `{"p"`):
				lines++
				if chains == 0 {
					t.Error("a request line came before the chain line it uses")
				}
			}
		}
		arrived <- lines
	}()
	sink.Must([]byte("{\"chain\":0}\n"))
	var senders sync.WaitGroup
	for range 4 {
		senders.Add(1)
		go func() {
			defer senders.Done()
			for range 1000 {
				sink.Line([]byte("{\"p\":0}\n"))
			}
		}()
	}
	senders.Wait()
	sink.Close()
	if lines := <-arrived; lines+int(sink.Lost()) != 4000 {
		t.Errorf("%d arrived and %d were given up, of 4000", lines, sink.Lost())
	}
}

func TestTheEndOfTheHarnessIsNoticed(t *testing.T) {
	near, far := net.Pipe()
	sink := NewSink(near, 10, deaf)
	_ = far.Close()
	<-sink.Gone()
	closed, other := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, other) }()
	ended := NewSink(closed, 10, deaf)
	ended.Close()
	select {
	case <-ended.Gone():
		t.Error("the own end was taken for the end of the harness")
	default:
	}
}
