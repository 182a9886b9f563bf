// Package probe sends the requests of a run and writes a line for each. It knows nothing of k6.
package probe

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// lateLimit is how late a request may be before its deadline is counted from its latest possible due time: it may be a
// later one than its number says, after drops that are not known yet.
const lateLimit = 20 * time.Millisecond

// PathConfig is one path with its one request, worded for the wire.
type PathConfig struct {
	ID         string      `json:"id"`
	Method     string      `json:"method"`
	Target     string      `json:"target"`
	Authority  string      `json:"authority"`
	ServerName string      `json:"serverName"`
	Headers    [][2]string `json:"headers"`
	TLS        bool        `json:"tls"`
	Host       string      `json:"host"`
	Port       string      `json:"port"`
}

// Config is what the harness says about a run.
type Config struct {
	Socket     string       `json:"socket"`
	Paths      []PathConfig `json:"paths"`
	IntervalNs int64        `json:"intervalNs"`
	TimeoutMs  float64      `json:"timeoutMs"`
	Keep       bool         `json:"keep"`
	Hop        string       `json:"hop"`
	Header     string       `json:"header"`
	CA         string       `json:"ca"`
}

// path is one path while the test runs.
type path struct {
	pool    *pool
	wire    []byte
	request *http.Request
	header  string
	mu      sync.Mutex
	next    int64
	drops   atomic.Int64
	told    bool
	peer    string
}

// Client sends the requests of all virtual users of a k6 process.
type Client struct {
	config  Config
	timeout time.Duration
	paths   []*path
	book    *Book
	sink    *Sink
}

// Open connects to the harness and prepares every request.
func Open(config Config) (*Client, error) {
	if config.IntervalNs <= 0 || config.TimeoutMs <= 0 || len(config.Paths) == 0 {
		return nil, errors.New("faultline: the configuration has no paths, no interval or no timeout")
	}
	parser, err := CompileChain(config.Hop)
	if err != nil {
		return nil, err
	}
	var authorities *x509.CertPool
	if config.CA != "" {
		authorities = x509.NewCertPool()
		if !authorities.AppendCertsFromPEM([]byte(config.CA)) {
			return nil, errors.New("faultline: the authority is no PEM certificate")
		}
	}
	c := &Client{config: config, timeout: time.Duration(config.TimeoutMs * float64(time.Millisecond))}
	for _, one := range config.Paths {
		wire, request, err := prepare(one, config.Keep)
		if err != nil {
			return nil, err
		}
		c.paths = append(c.paths, &path{pool: newPool(one, config.Keep, authorities), wire: wire, request: request, header: config.Header})
	}
	conn, err := net.Dial("unix", config.Socket)
	if err != nil {
		return nil, fmt.Errorf("faultline: the harness cannot be reached: %w", err)
	}
	c.sink = NewSink(conn, QueueLines)
	c.book = NewBook(parser, c.sink.Must)
	return c, nil
}

// Request sends the next request of a path and waits for its end. planStart is when the first one was due.
func (c *Client) Request(index int, planStart time.Time) error {
	if index < 0 || index >= len(c.paths) {
		return fmt.Errorf("faultline: there is no path %d", index)
	}
	p := c.paths[index]
	number, start := c.begin(index, p, planStart)
	got, fresh, err := p.exchange(c.deadline(p, number, start, planStart))
	end := time.Now()
	line := fmt.Appendf(make([]byte, 0, 112), `{"p":%d,"n":%d,"t0":%d,"t1":%d`, index, number, MicrosOf(start), MicrosOf(end))
	if err == nil {
		line = fmt.Appendf(line, `,"s":%d,"c":%d`, got.status, c.book.Index(got.text, got.truncated))
	} else {
		line = appendError(line, err)
	}
	flag := 0
	if fresh {
		flag = 1
	}
	if got.peer != "" {
		p.tellPeer(c.sink, index, got.peer)
	}
	c.sink.Line(fmt.Appendf(line, ",\"f\":%d}\n", flag))
	return nil
}

func appendError(line []byte, err error) []byte {
	line = fmt.Appendf(line, `,"e":"%s"`, classify(err))
	if message, bad := json.Marshal(messageOf(err)); bad == nil && len(message) > len(`""`) {
		line = fmt.Appendf(line, `,"m":%s`, message)
	}
	return line
}

// begin numbers a request. Number and start time rise together, so that drops can be put between them by their time.
func (c *Client) begin(index int, p *path, planStart time.Time) (int64, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.told {
		p.told = true
		c.sink.Must(fmt.Appendf(nil, "{\"plan\":%d,\"at\":%d}\n", index, MicrosOf(planStart)))
	}
	number := p.next
	p.next++
	return number, time.Now()
}

// deadline is the due time plus the timeout.
func (c *Client) deadline(p *path, number int64, start, planStart time.Time) time.Time {
	interval := time.Duration(c.config.IntervalNs)
	due := planStart.Add(time.Duration(number+p.drops.Load()) * interval)
	if start.Sub(due) > lateLimit {
		due = planStart.Add(start.Sub(planStart) / interval * interval)
	}
	return due.Add(c.timeout)
}

// tellPeer writes down the address a path reaches, once for each change.
func (p *path) tellPeer(sink *Sink, index int, peer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.peer == peer {
		return
	}
	p.peer = peer
	sink.Must(fmt.Appendf(nil, "{\"peer\":%d,\"ip\":%q}\n", index, strings.TrimSpace(peer)))
}

// Dropped tells of a request that was due at a time when no virtual user was free.
func (c *Client) Dropped(index int, at time.Time) {
	if index < 0 || index >= len(c.paths) {
		return
	}
	c.paths[index].drops.Add(1)
	c.sink.Must(fmt.Appendf(nil, "{\"drop\":%d,\"at\":%d}\n", index, MicrosOf(at)))
}

// Close sends what waits and ends the connection to the harness.
func (c *Client) Close() { c.sink.Close() }

// Gone is closed when the harness has ended before the test.
func (c *Client) Gone() <-chan struct{} { return c.sink.Gone() }
