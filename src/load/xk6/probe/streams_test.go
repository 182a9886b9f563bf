package probe

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// serveHTTP2 answers over TLS, by HTTP/2 where that is asked for; authority is its certificate.
func serveHTTP2(t *testing.T, answer http.HandlerFunc) (address, authority string) {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	certificate := pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	return server.Listener.Addr().String(), string(pem.EncodeToMemory(&certificate))
}

func TestStreamsShareAConnectionWhileHeadersChange(t *testing.T) {
	var mu sync.Mutex
	heard := map[string]bool{}
	address, authority := serveHTTP2(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		heard[fmt.Sprint(r.Proto, " ", r.Host, " ", r.Header.Get("X-Token"), r.Header.Get("User-Agent"))] = true
		mu.Unlock()
		w.Header().Set("Trailer", "X-Chain")
		_, _ = w.Write([]byte("message"))
		w.Header().Set("X-Chain", body)
	})
	socket, lines := reader(t)
	config := pathTo(address, "POST")
	config.TLS, config.CA, config.HTTP2, config.Grpc = true, authority, true, true
	config.Headers = [][2]string{{"x-token", "first"}}
	client, err := Open(Config{Socket: socket, TimeoutMs: 5000, Keep: true, Header: "x-chain", Hop: "-> {service}(version: {zone}, ip: {ip})", Paths: []PathConfig{config}})
	if err != nil {
		t.Fatal(err)
	}
	send := func(count int) {
		var senders sync.WaitGroup
		for range count {
			senders.Go(func() { _ = client.Request(0, time.Now()) })
		}
		senders.Wait()
	}
	send(1)
	go client.hear([]byte(`{"path":0,"name":"x-token","value":"second"}`))
	send(40)
	for !heard["HTTP/2.0 mock.example second"] {
		send(1)
	}
	client.Close()
	var records []map[string]any
	var chains []any
	for line := range lines {
		if hops, is := line["hops"]; is {
			chains = append(chains, hops)
		}
		if _, is := line["p"]; is {
			records = append(records, line)
		}
	}
	if len(heard) != 2 || !heard["HTTP/2.0 mock.example first"] {
		t.Errorf("heard %v", heard)
	}
	if fmt.Sprint(chains) != "[[[mocka z1 1]]]" {
		t.Errorf("the trailer says %v", chains)
	}
	// Only the first request has opened a connection.
	if n := len(records); count(records, "s", 200.0) != n || count(records, "f", 1.0) != 1 {
		t.Errorf("%v", records)
	}
}
