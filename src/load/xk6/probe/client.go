// Package probe sends the requests of a run and writes a line for each. It knows nothing of k6.
package probe

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// lateLimit is how late a request may be before its deadline is counted from its latest possible due time: it may be a
// later one than its number says, after drops that are not known yet.
const lateLimit = 20 * time.Millisecond

// TellConfig is what of an answer the harness looks at besides status and chain.
type TellConfig struct {
	Body    bool     `json:"body"`
	Headers []string `json:"headers"`
}

// PathConfig is one path with its one request, worded for the wire.
type PathConfig struct {
	ID         string      `json:"id"`
	Method     string      `json:"method"`
	Target     string      `json:"target"`
	Authority  string      `json:"authority"`
	ServerName string      `json:"serverName"`
	Headers    [][2]string `json:"headers"`
	Body       []byte      `json:"body"`
	Tell       TellConfig  `json:"tell"`
	HTTP2      bool        `json:"http2"`
	Grpc       bool        `json:"grpc"`
	TLS        bool        `json:"tls"`
	Host       string      `json:"host"`
	Port       string      `json:"port"`
	IntervalNs int64       `json:"intervalNs"`
	CA         string      `json:"ca"`
	Cert       string      `json:"cert"`
	Key        string      `json:"key"`
	Insecure   bool        `json:"insecure"`
}

// Config is what the harness says about a run.
type Config struct {
	Socket    string       `json:"socket"`
	Paths     []PathConfig `json:"paths"`
	TimeoutMs float64      `json:"timeoutMs"`
	Keep      bool         `json:"keep"`
	Hop       string       `json:"hop"`
	Header    string       `json:"header"`
}

// path is one path while the test runs.
type path struct {
	config  PathConfig
	pool    *pool
	streams *streams
	request atomic.Pointer[request]
	header  string
	mu      sync.Mutex
	next    int64
	drops   atomic.Int64
	told    bool
	peer    string
}

// Client sends the requests of all virtual users of a k6 process.
type Client struct {
	timeout time.Duration
	paths   []*path
	// book is nil where the harness reads the chains.
	book *Book
	sink *Sink
}

// Open connects to the harness and prepares every request.
func Open(config Config) (*Client, error) {
	if config.TimeoutMs <= 0 || len(config.Paths) == 0 {
		return nil, errors.New("faultline: the configuration has no paths or no timeout")
	}
	var parser *ChainParser
	if config.Hop != "" {
		var err error
		if parser, err = CompileChain(config.Hop); err != nil {
			return nil, err
		}
	}
	c := &Client{timeout: time.Duration(config.TimeoutMs * float64(time.Millisecond))}
	for _, one := range config.Paths {
		p, err := newPath(one, config)
		if err != nil {
			return nil, err
		}
		c.paths = append(c.paths, p)
	}
	conn, err := net.Dial("unix", config.Socket)
	if err != nil {
		return nil, fmt.Errorf("faultline: the harness cannot be reached: %w", err)
	}
	c.sink = NewSink(conn, QueueLines, c.hear)
	if parser != nil {
		c.book = NewBook(parser, c.sink.Must)
	}
	return c, nil
}

func newPath(config PathConfig, run Config) (*path, error) {
	if config.IntervalNs <= 0 {
		return nil, fmt.Errorf("faultline: path %s has no interval", config.ID)
	}
	prepared, err := prepare(config, run.Keep)
	if err != nil {
		return nil, err
	}
	secure, err := secureConfig(config)
	if err != nil {
		return nil, err
	}
	p := &path{config: config, pool: newPool(config, run.Keep, secure), header: run.Header}
	if config.HTTP2 {
		p.streams = &streams{pool: p.pool}
	}
	p.request.Store(prepared)
	return p, nil
}

// hear takes a line of the harness: another value of a header, sent from now on. Anything else is none of its lines.
func (c *Client) hear(line []byte) {
	var change struct {
		Path  int    `json:"path"`
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	if json.Unmarshal(line, &change) != nil || change.Path < 0 || change.Path >= len(c.paths) {
		return
	}
	p := c.paths[change.Path]
	for i, header := range p.config.Headers {
		if strings.EqualFold(header[0], change.Name) {
			p.config.Headers[i][1] = change.Value
		}
	}
	if prepared, err := prepare(p.config, p.pool.keep); err == nil {
		p.request.Store(prepared)
	}
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
		line = fmt.Appendf(line, `,"s":%d`, got.status)
		line = c.appendChain(line, &got)
		line = p.config.Tell.append(line, &got)
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

// appendChain adds the index of the chain, or the text that it stands in where the harness itself reads it.
func (c *Client) appendChain(line []byte, got *answer) []byte {
	if c.book != nil {
		return fmt.Appendf(line, `,"c":%d`, c.book.Index(got.text, got.truncated))
	}
	line = append(line, `,"t":"`...)
	line = append(base64.StdEncoding.AppendEncode(line, got.text), '"')
	if got.truncated {
		line = append(line, `,"tc":1`...)
	}
	return line
}

// append adds what the harness looks at. The body is in base64: its bytes are told as they came.
func (t TellConfig) append(line []byte, got *answer) []byte {
	if !t.Body && len(t.Headers) == 0 {
		return line
	}
	body := got.body
	if !t.Body {
		body = nil
	}
	line = append(line, `,"x":"`...)
	line = append(base64.StdEncoding.AppendEncode(line, body), '"')
	if got.cut {
		line = append(line, `,"cut":1`...)
	}
	headers := map[string]string{}
	for _, name := range t.Headers {
		if values := got.headers.Values(name); len(values) > 0 {
			headers[name] = strings.Join(values, ", ")
		}
	}
	if encoded, err := json.Marshal(headers); err == nil {
		line = fmt.Appendf(line, `,"h":%s`, encoded)
	}
	return line
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
	interval := time.Duration(p.config.IntervalNs)
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
