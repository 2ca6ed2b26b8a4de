package store

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Owner is who claimed the store.
type Owner struct {
	Host    string
	PID     int
	Machine string // boot and process-id namespace; "" if not known
	Ticks   uint64 // when the process started, in the kernel's ticks since boot
	Since   time.Time
	Token   string // random

	// Released says that the owner gave the claim back when it ended.
	Released bool
}

// Liveness is what can be told about an owner's process from here.
type Liveness uint8

const (
	// Unknown: it is on another machine, or in another container.
	Unknown Liveness = iota
	// Alive: its process is running here.
	Alive
	// Dead: it ran here and is gone.
	Dead
)

// Liveness looks whether the owner's process is still there.
func (o Owner) Liveness() Liveness {
	here := machineID()
	if o.Machine == "" || o.Machine != here {
		return Unknown
	}
	ticks, state := processStart(o.PID)
	switch {
	case state != Alive:
		return state
	case o.Ticks == 0:
		return Unknown // it could not tell its own
	case o.Ticks != ticks:
		return Dead // the number belongs to another process now
	}
	return Alive
}

// thisProcess is the owner that this process would be.
func thisProcess() Owner {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unknown"
	}
	pid := os.Getpid()
	ticks, _ := processStart(pid)
	return Owner{
		Host: host, PID: pid, Machine: machineID(), Ticks: ticks,
		Since: time.Now().UTC().Truncate(time.Second), Token: newToken(),
	}
}

func newToken() string { return rand.Text() }

// A claim file is lines of text. The first three have a fixed width, and are
// overwritten in place: by the heartbeat, and when the claim is released.
const (
	claimLine   = "raphe owner 1\n"
	stateOffset = int64(len(claimLine) + len("state "))
	beatOffset  = stateOffset + int64(len("held\nbeat "))
	stateHeld   = "held"
	stateFree   = "free"
)

func beatDigits(n uint64) []byte { return fmt.Appendf(nil, "%020d", n) }

// format gives the content of a new claim file.
func (o Owner) format() []byte {
	return fmt.Appendf(nil, "%sstate %s\nbeat %s\nhost %s\npid %d\nmachine %s\nticks %d\nsince %s\ntoken %s\n",
		claimLine, stateHeld, beatDigits(0), o.Host, o.PID, o.Machine, o.Ticks, o.Since.Format(time.RFC3339), o.Token)
}

// parseOwner reads a claim file. What it can not read stays zero: such a
// claim is judged by its heartbeat alone.
func parseOwner(content []byte) Owner {
	var o Owner
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		switch name {
		case "state":
			o.Released = value == stateFree
		case "host":
			o.Host = value
		case "pid":
			o.PID, _ = strconv.Atoi(value)
		case "machine":
			o.Machine = value
		case "ticks":
			o.Ticks, _ = strconv.ParseUint(value, 10, 64)
		case "since":
			o.Since, _ = time.Parse(time.RFC3339, value)
		case "token":
			o.Token = value
		}
	}
	return o
}
