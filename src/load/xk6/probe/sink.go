package probe

import (
	"bufio"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// QueueLines is how many request lines may wait for a reader that does not read, of queueBytes together.
	QueueLines = 65536
	queueBytes = 64 << 20
	flushEvery = 20 * time.Millisecond
	// closePatience is how long the end of a test waits for a reader that does not read.
	closePatience = 5 * time.Second
)

// Sink carries lines to the harness without ever making a sender wait: request lines that find no room are counted as lost.
type Sink struct {
	conn  net.Conn
	queue chan []byte
	bytes atomic.Int64
	lost  atomic.Int64
	hear  func(line []byte)
	mu    sync.Mutex
	must  []byte
	quit  chan struct{}
	done  chan struct{}
	gone  chan struct{}
	once  sync.Once
}

// NewSink starts to write to conn, which it owns from now on. hear gets each line that the reader says.
func NewSink(conn net.Conn, lines int, hear func(line []byte)) *Sink {
	s := &Sink{conn: conn, queue: make(chan []byte, lines), hear: hear, quit: make(chan struct{}), done: make(chan struct{}), gone: make(chan struct{})}
	go s.run()
	go s.listen()
	return s
}

// Line hands over a request line, with its newline. Never blocks.
func (s *Sink) Line(line []byte) {
	size := int64(len(line))
	if s.bytes.Add(size) <= queueBytes {
		select {
		case s.queue <- line:
			return
		default:
		}
	}
	s.bytes.Add(-size)
	s.lost.Add(1)
}

// Must hands over a line that is never given up. Never blocks.
func (s *Sink) Must(line []byte) {
	s.mu.Lock()
	s.must = append(s.must, line...)
	s.mu.Unlock()
}

// Lost counts the request lines that were given up.
func (s *Sink) Lost() int64 { return s.lost.Load() }

// Close writes what waits, as far as the reader takes it within five seconds, and closes the connection.
func (s *Sink) Close() {
	s.once.Do(func() {
		close(s.quit)
		_ = s.conn.SetWriteDeadline(time.Now().Add(closePatience))
	})
	<-s.done
}

// Gone is closed when the reader has closed the connection before Close was called.
func (s *Sink) Gone() <-chan struct{} { return s.gone }

// listen hears what the reader says until the end of the connection.
func (s *Sink) listen() {
	for reader := bufio.NewReader(s.conn); ; {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			break
		}
		s.hear(line)
	}
	select {
	case <-s.quit:
	default:
		close(s.gone)
	}
}

func (s *Sink) run() {
	defer close(s.done)
	defer s.conn.Close()
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		ending := false
		select {
		case <-s.quit:
			ending = true
		case <-ticker.C:
		}
		if ending {
			s.Must(fmt.Appendf(nil, "{\"bye\":1}\n"))
		}
		if _, err := s.conn.Write(s.batch()); err != nil || ending {
			return
		}
	}
}

// batch takes everything that waits. A chain line was handed over before the request lines that use it, so the queue is
// emptied first and written last.
func (s *Sink) batch() []byte {
	var lines []byte
	for waiting := len(s.queue); waiting > 0; waiting-- {
		line := <-s.queue
		s.bytes.Add(-int64(len(line)))
		lines = append(lines, line...)
	}
	s.mu.Lock()
	head := s.must
	s.must = nil
	s.mu.Unlock()
	head = fmt.Appendf(head, "{\"clock\":%d,\"exact\":%t,\"lost\":%d}\n", NowMicros(), ExactClock, s.Lost())
	return append(head, lines...)
}
