// mock is the demo service of the vendor's page on disaster recovery: a chain of them shows who served a request. It is set
// up by the variables app, version and upstream_url, as the page's manifests do.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// How long requests on their way may take to end once the pod is told to go.
const leave = 5 * time.Second

func main() {
	service := newService(os.Getenv("app"), os.Getenv("version"), ownAddress(), os.Getenv("upstream_url"))
	service.failure = failureOf(os.Getenv("status"), os.Getenv("status_after"), time.Now())
	server := &http.Server{Addr: ":8000", Handler: service}
	told, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		log.Fatal(err)
	case <-told.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), leave)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		log.Fatal(err)
	}
}

// ownAddress is the pod's first IPv4 address, and empty where it has none.
func ownAddress() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		log.Fatal(err)
	}
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return ""
}
