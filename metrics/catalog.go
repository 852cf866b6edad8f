package metrics

// catalog lists every metric that needs no more than outputs and targets, in the order in which users see them.
func catalog() []Metric {
	return []Metric{
		ExactMatch(),
		CharF1(),
		Accuracy("acc"),
	}
}

// ByName returns the metric of that name.
func ByName(name string) (Metric, bool) {
	for _, m := range catalog() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Names returns the names that ByName knows, in a fixed order.
func Names() []string {
	all := catalog()
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names
}
