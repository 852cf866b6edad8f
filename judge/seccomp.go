package judge

import (
	"encoding/binary"
	"fmt"
	"runtime"
)

// The constants of Linux's filters: include/uapi/linux/{bpf_common,seccomp,audit}.h.
const (
	load   = 0x20 // BPF_LD | BPF_W | BPF_ABS
	equal  = 0x15 // BPF_JMP | BPF_JEQ | BPF_K
	masked = 0x45 // BPF_JMP | BPF_JSET | BPF_K
	atMost = 0x35 // BPF_JMP | BPF_JGE | BPF_K
	give   = 0x06 // BPF_RET | BPF_K

	allow  = 0x7fff0000
	refuse = 0x00050000 // and the error's number
	kill   = 0x80000000

	eperm, enosys = 1, 38

	offsetCall, offsetArch, offsetFirst = 0, 4, 16
	threadFlag                          = 0x00010000 // CLONE_THREAD
)

// machine are a processor's numbers: its own in audit.h, and of the system calls that begin processes.
type machine struct {
	arch                       uint32
	clone, clone3, fork, vfork uint32 // fork and vfork 0 where there are none
	x32                        uint32 // calls from here on are of another table; 0 where there is none
	refused                    []uint32
}

func machines() map[string]machine {
	return map[string]machine{
		// refused: ptrace, mount, umount2, unshare, setns, bpf, keyctl, add_key, request_key, userfaultfd, perf_event_open, io_uring_setup.
		"amd64": {arch: 0xc000003e, clone: 56, clone3: 435, fork: 57, vfork: 58, x32: 0x40000000,
			refused: []uint32{101, 165, 166, 272, 308, 321, 250, 248, 249, 323, 298, 425}},
		"arm64": {arch: 0xc00000b7, clone: 220, clone3: 435,
			refused: []uint32{117, 40, 39, 97, 268, 280, 219, 217, 218, 282, 241, 425}},
	}
}

// noProcesses is a filter under which a process starts threads and no other process, and has none of the calls that programs have no use for
// and kernels had faults in. It holds for root too, for whom a limit on processes does not.
func noProcesses() ([]byte, error) {
	m, ok := machines()[runtime.GOARCH]
	if !ok {
		return nil, fmt.Errorf("no filter of system calls is known for %s", runtime.GOARCH)
	}
	var f filter
	f.add(load, offsetArch, 0, 0)
	f.add(equal, m.arch, 1, 0)
	f.add(give, kill, 0, 0)
	f.add(load, offsetCall, 0, 0)
	if m.x32 != 0 {
		f.add(atMost, m.x32, 0, 1)
		f.add(give, kill, 0, 0)
	}
	// clone3 has its flags in memory, where a filter cannot look: without it the C library takes clone.
	f.add(equal, m.clone3, 0, 1)
	f.add(give, refuse|enosys, 0, 0)
	refused := m.refused
	if m.fork != 0 {
		refused = append([]uint32{m.fork, m.vfork}, refused...)
	}
	for _, call := range refused {
		f.add(equal, call, 0, 1)
		f.add(give, refuse|eperm, 0, 0)
	}
	f.add(equal, m.clone, 1, 0)
	f.add(give, allow, 0, 0)
	f.add(load, offsetFirst, 0, 0)
	f.add(masked, threadFlag, 0, 1)
	f.add(give, allow, 0, 0)
	f.add(give, refuse|eperm, 0, 0)
	return f, nil
}

// filter is a program of struct sock_filter.
type filter []byte

func (f *filter) add(code uint16, k uint32, yes, no uint8) {
	b := binary.NativeEndian.AppendUint16(*f, code)
	*f = binary.NativeEndian.AppendUint32(append(b, yes, no), k)
}
