package probe

import (
	"bufio"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const body = "-> mocka(version: z1, ip: 1)"

// reader is the harness's end: it collects the lines of a client.
func reader(t *testing.T) (socket string, lines chan map[string]any) {
	t.Helper()
	dir, err := os.MkdirTemp("", "fl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	lines = make(chan map[string]any, 10000)
	go func() {
		defer close(lines)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		for scanner := bufio.NewScanner(conn); scanner.Scan(); {
			line := map[string]any{}
			if json.Unmarshal(scanner.Bytes(), &line) == nil {
				lines <- line
			}
		}
	}()
	return socket, lines
}

// send makes requests one after the other and returns their lines.
func send(t *testing.T, count int, change func(*Config)) []map[string]any {
	t.Helper()
	socket, lines := reader(t)
	config := Config{Socket: socket, TimeoutMs: 2000, Hop: "-> {service}(version: {zone}, ip: {ip})"}
	change(&config)
	client, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	for range count {
		if err := client.Request(0, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	client.Close()
	var records []map[string]any
	for line := range lines {
		if _, is := line["p"]; is {
			records = append(records, line)
		}
	}
	if len(records) != count {
		t.Fatalf("%d records of %d requests", len(records), count)
	}
	return records
}

func pathTo(address, method string) PathConfig {
	host, port, _ := net.SplitHostPort(address)
	return PathConfig{ID: "p", Method: method, Target: "/mock", Authority: "mock.example", ServerName: "example.com", Host: host, Port: port, IntervalNs: 1e6}
}

func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func count(records []map[string]any, key string, value any) (n int) {
	for _, record := range records {
		if record[key] == value {
			n++
		}
	}
	return n
}

func TestKeptAndFreshConnections(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "mock.example" || r.URL.Path != "/mock" || r.Header.Get("X-Team") != "sre" {
			w.WriteHeader(500)
		}
		_, _ = w.Write([]byte(body))
	})
	for _, keep := range []bool{true, false} {
		records := send(t, 5, func(c *Config) {
			c.Keep = keep
			c.Paths = []PathConfig{pathTo(address, "GET")}
			c.Paths[0].Headers = [][2]string{{"x-team", "sre"}}
		})
		want := 5
		if keep {
			want = 1
		}
		if count(records, "s", 200.0) != 5 || count(records, "f", 1.0) != want || count(records, "c", 0.0) != 5 {
			t.Errorf("keep %t: %v", keep, records)
		}
		for i, record := range records {
			if record["n"] != float64(i) || record["t1"].(float64) < record["t0"].(float64) {
				t.Errorf("record %d is %v", i, record)
			}
		}
	}
}

func TestNothingIsSentTwice(t *testing.T) {
	var turn atomic.Int64
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if turn.Add(1)%2 == 0 {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte(body))
	})
	records := send(t, 10, func(c *Config) { c.Keep, c.Paths = true, []PathConfig{pathTo(address, "GET")} })
	if turn.Load() != 10 || count(records, "s", 200.0) != 5 || count(records, "e", "closed")+count(records, "e", "reset") != 5 {
		t.Errorf("%d requests arrived: %v", turn.Load(), records)
	}
}

func TestIdleConnectionsTheServerClosedAreNotUsed(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hijacked, buffer, _ := w.(http.Hijacker).Hijack()
		_, _ = buffer.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		_ = buffer.Flush()
		_ = hijacked.Close()
		_ = r
	})
	socket, _ := reader(t)
	client, err := Open(Config{Socket: socket, TimeoutMs: 2000, Keep: true, Hop: "{service}@{zone}", Paths: []PathConfig{pathTo(address, "GET")}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	p := client.paths[0]
	if _, _, err := p.exchange(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	for len(p.pool.idle) == 1 && alive(p.pool.idle[0].plain, false) {
		time.Sleep(time.Millisecond)
	}
	if _, fresh, err := p.exchange(time.Now().Add(time.Second)); err != nil || !fresh {
		t.Errorf("fresh %t, error %v", fresh, err)
	}
}

func TestIdleConnectionsOutliveTheDeadlineOfTheirLastRequest(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	p := &path{pool: newPool(pathTo(address, "GET"), true, nil)}
	prepared, _ := prepare(pathTo(address, "GET"), true)
	p.request.Store(prepared)
	if _, _, err := p.exchange(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_ = p.pool.idle[0].SetDeadline(time.Now().Add(-time.Second))
	if _, fresh, err := p.exchange(time.Now().Add(5 * time.Second)); err != nil || fresh {
		t.Errorf("fresh %t, error %v", fresh, err)
	}
}

func TestErrorsInTheWordsOfARecord(t *testing.T) {
	closed, _ := net.Listen("tcp", "127.0.0.1:0")
	refused := closed.Addr().String()
	_ = closed.Close()
	silent, _ := net.Listen("tcp", "127.0.0.1:0")
	defer silent.Close()
	foreign, _ := net.Listen("tcp", "127.0.0.1:0")
	defer foreign.Close()
	go func() {
		for conn, err := foreign.Accept(); err == nil; conn, err = foreign.Accept() {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n"))
			_ = conn.Close()
		}
	}()
	half := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(body))
	})
	for address, want := range map[string]string{
		refused: "refused", silent.Addr().String(): "timeout", foreign.Addr().String(): "protocol", half: "closed",
		"gateway.invalid:80": "dns",
	} {
		said := map[string]string{
			"refused": "connect: connection refused", "protocol": "malformed HTTP", "closed": "EOF", "dns": "gateway.invalid",
		}[want]
		records := send(t, 1, func(c *Config) {
			c.Paths = []PathConfig{pathTo(address, "GET")}
			if want == "timeout" {
				c.TimeoutMs = 50
			}
		})
		if records[0]["e"] != want {
			t.Errorf("%s: %v, not %s", address, records[0], want)
		}
		message, told := records[0]["m"].(string)
		if told == (want == "timeout") || !strings.Contains(message, said) {
			t.Errorf("%s says %q, not %q", want, message, said)
		}
	}
}

func TestTLSProvesTheNameOfTheHost(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	defer server.Close()
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	over := func(ca, name string) []map[string]any {
		return send(t, 3, func(c *Config) {
			c.Keep = true
			c.Paths = []PathConfig{pathTo(server.Listener.Addr().String(), "GET")}
			c.Paths[0].TLS, c.Paths[0].ServerName, c.Paths[0].CA = true, name, ca
		})
	}
	if records := over(authority, "example.com"); count(records, "s", 200.0) != 3 || count(records, "f", 1.0) != 1 {
		t.Errorf("%v", records)
	}
	if records := over(authority, "other.test"); count(records, "e", "tls") != 3 {
		t.Errorf("wrong name: %v", records)
	}
	records := over("", "example.com")
	if count(records, "e", "tls") != 3 {
		t.Errorf("unknown authority: %v", records)
	}
	if count(records, "m", "tls: failed to verify certificate: x509: certificate signed by unknown authority") != 3 {
		t.Errorf("words of an unknown authority: %v", records)
	}
}

func TestTheWordsOfAnErrorAreShortAndCanBeRead(t *testing.T) {
	for _, one := range []string{strings.Repeat("ü", 5000), "a\n\"b\"\x00\xff"} {
		var line map[string]string
		text := append(appendError([]byte(`{"p":"0"`), errors.New(one)), '}')
		if err := json.Unmarshal(text, &line); err != nil || line["m"] == "" || len(line["m"]) > messageLimit+2 {
			t.Errorf("%s: %v", text, err)
		}
	}
	late := fmt.Errorf("read: %w", os.ErrDeadlineExceeded)
	if text := string(appendError(nil, late)); text != `,"e":"timeout"` {
		t.Errorf("the own deadline says %s", text)
	}
}

func TestHeadersBodiesAndMethods(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Chain", body)
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(strings.Repeat("x", 1<<20)))
		}
	})
	for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
		records := send(t, 3, func(c *Config) {
			c.Keep, c.Header, c.Paths = true, "x-chain", []PathConfig{pathTo(address, method)}
		})
		if count(records, "s", 200.0) != 3 || count(records, "f", 1.0) != 1 {
			t.Errorf("%s: %v", method, records)
		}
	}
}

func TestWhatTheHarnessLooksAtIsTold(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		w.Header()["X-Token"] = []string{r.Header.Get("X-Token"), "b"}
		_, _ = w.Write(append(sent, 0xff))
	})
	socket, lines := reader(t)
	config := pathTo(address, "POST")
	config.Body = []byte("\x00sent")
	config.Headers = [][2]string{{"x-token", "é-first"}}
	config.Tell = TellConfig{Body: true, Headers: []string{"x-token", "x-absent"}}
	client, err := Open(Config{Socket: socket, TimeoutMs: 2000, Hop: "{service}@{zone}", Paths: []PathConfig{config}})
	if err != nil {
		t.Fatal(err)
	}
	_ = client.Request(0, time.Now())
	for _, line := range []string{"{", `{"path":7}`, `{"path":0,"name":"X-Token","value":"second"}`} {
		client.hear([]byte(line))
	}
	_ = client.Request(0, time.Now())
	client.Close()
	var told []string
	for line := range lines {
		if _, is := line["p"]; is {
			told = append(told, fmt.Sprint(line["x"], " ", line["h"]))
		}
	}
	want := []string{"AHNlbnT/ map[x-token:\ufffd-first, b]", "AHNlbnT/ map[x-token:second, b]"}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("%v, not %v", told, want)
	}
}

func TestConfigurationsThatCannotBeSent(t *testing.T) {
	good := pathTo("127.0.0.1:1", "GET")
	bad := good
	bad.Headers = [][2]string{{"x", "a\r\nb: c"}}
	wide, unsigned, unowned, still := good, good, good, good
	wide.Headers = [][2]string{{"x", "a€"}}
	unsigned.TLS, unsigned.CA = true, "x"
	unowned.TLS, unowned.Cert, unowned.Key = true, "x", "y"
	still.IntervalNs = 0
	for name, config := range map[string]Config{
		"no paths":    {TimeoutMs: 1, Hop: "{service}@{zone}"},
		"header":      {TimeoutMs: 1, Hop: "{service}@{zone}", Paths: []PathConfig{bad}},
		"no harness":  {TimeoutMs: 1, Hop: "{service}@{zone}", Paths: []PathConfig{good}, Socket: "/nowhere/s"},
		"template":    {TimeoutMs: 1, Hop: "x", Paths: []PathConfig{good}},
		"character":   {TimeoutMs: 1, Hop: "{service}@{zone}", Paths: []PathConfig{wide}},
		"authority":   {TimeoutMs: 1, Hop: "{service}@{zone}", Paths: []PathConfig{unsigned}},
		"certificate": {TimeoutMs: 1, Hop: "{service}@{zone}", Paths: []PathConfig{unowned}},
		"no interval": {TimeoutMs: 1, Hop: "{service}@{zone}", Paths: []PathConfig{still}},
	} {
		if _, err := Open(config); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
