package kernel

// lesser returns kernels that this machine can run but would not choose.
func lesser() []*Kernel {
	k := neon(false, false)
	k.name = "neon-base"
	return []*Kernel{k}
}
