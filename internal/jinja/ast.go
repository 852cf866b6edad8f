package jinja

// node is a statement.
type node interface{ exec(s *state) }

// expr is an expression.
type expr interface{ eval(s *state) any }

type (
	dataNode  struct{ text string }
	printNode struct {
		line int
		e    expr
	}
	ifNode struct {
		line int
		test expr
		then []node
		// other is what elif and else hold.
		other []node
	}
	forNode struct {
		line      int
		target    target
		over      expr
		filter    expr // nil for none
		body      []node
		other     []node
		recursive bool
	}
	setNode struct {
		line  int
		to    target
		value expr
	}
	// setBlockNode sets a name to what its body prints.
	setBlockNode struct {
		line    int
		to      target
		body    []node
		filters []filterCall
	}
	macroNode struct {
		line int
		m    *macro
	}
	callNode struct {
		line int
		m    *macro
		call *callExpr
	}
	filterNode struct {
		line    int
		body    []node
		filters []filterCall
	}
	withNode struct {
		line    int
		targets []target
		values  []expr
		body    []node
	}
	signalNode struct{ signal signal }
)

// signal is how a loop's body ends early.
type signal int

const (
	goOn signal = iota
	breakLoop
	continueLoop
)

// target is what is assigned to: a name, an attribute of a namespace, or several targets.
type target struct {
	name, attr string
	several    []target
}

type (
	constExpr struct{ v any }
	nameExpr  struct {
		line int
		name string
	}
	listExpr  struct{ items []expr }
	tupleExpr struct{ items []expr }
	dictExpr  struct {
		line         int
		keys, values []expr
	}
	unaryExpr struct {
		line int
		op   string
		e    expr
	}
	binaryExpr struct {
		line int
		op   string
		l, r expr
	}
	// compareExpr is a chain a < b < c.
	compareExpr struct {
		line  int
		first expr
		ops   []string
		rest  []expr
	}
	concatExpr struct {
		line  int
		parts []expr
	}
	condExpr struct {
		line              int
		then, test, other expr // other is nil where there is none
	}
	attrExpr struct {
		line int
		e    expr
		name string
	}
	itemExpr struct {
		line   int
		e, key expr
	}
	sliceExpr struct {
		line           int
		e              expr
		from, to, step expr // nil where absent
	}
	callExpr struct {
		line int
		fn   expr
		arguments
	}
	filterExpr struct {
		e expr
		filterCall
	}
	testExpr struct {
		line int
		e    expr
		name string
		not  bool
		arguments
	}
)

// arguments are those of a call.
type arguments struct {
	args  []expr
	names []string
	named []expr
}

// filterCall is a filter with its arguments.
type filterCall struct {
	line int
	name string
	arguments
}

// macro is a macro's definition.
type macro struct {
	name     string
	params   []string
	defaults []expr // of the last parameters
	body     []node
}
