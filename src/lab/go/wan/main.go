// wan is the way between two regions: what the kernel routes into its TUN device comes out of it again later, or not at
// all. The kernels that the lab runs on have no netem. Every packet keeps its place, as on one long cable.
package main

import (
	"flag"
	"log"
	"math/rand/v2"
	"os"
	"syscall"
	"unsafe"
)

// One interface's name and flags, for TUNSETIFF (linux/if_tun.h); the kernel reads 40 bytes.
type request struct {
	name  [syscall.IFNAMSIZ]byte
	flags uint16
	_     [22]byte
}

func main() {
	device := flag.String("device", "wan0", "name of the TUN device, which is made")
	delay := flag.Duration("delay", 0, "how much later every packet comes out")
	loss := flag.Float64("loss", 0, "share of packets that do not come out, 0 to 1")
	flag.Parse()
	tun, err := open(*device)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("%s: %v later, %.2f%% lost", *device, *delay, *loss*100)
	log.Fatal(carry(tun, line{delay: *delay, lost: func() bool { return rand.Float64() < *loss }}))
}

// open makes a TUN device of this name that goes with this process.
func open(name string) (*os.File, error) {
	file, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	ask := request{flags: syscall.IFF_TUN | syscall.IFF_NO_PI}
	copy(ask.name[:], name)
	_, _, number := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&ask)))
	if number != 0 {
		return nil, os.NewSyscallError("TUNSETIFF", number)
	}
	return file, nil
}
