package pickle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Limits bound what a pickle may cost.
type Limits struct {
	// Bytes is the length of the pickle.
	Bytes int64
	// Objects counts everything a pickle makes, stores or stacks.
	Objects int
}

var errUnderflow = errors.New("the stack holds too little")

// Read reads the one pickle that r consists of. The error gives the byte it arose at.
func Read(r io.Reader, limits Limits) (any, error) {
	m := &machine{r: bufio.NewReader(r), limits: limits, memo: make(map[uint64]any)}
	value, err := m.run()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("pickle: byte %d: %w", m.at, err)
	}
	return value, nil
}

// machine is the stack machine.
type machine struct {
	r      *bufio.Reader
	limits Limits
	// at is the position of the instruction under work, read the number of bytes taken from r.
	at, read int64
	objects  int
	stack    []any
	// marks holds the stack heights of open marks; nothing below the last may be touched.
	marks []int
	memo  map[uint64]any
}

// run executes instructions up to STOP, which must end the input, and returns what it leaves.
func (m *machine) run() (any, error) {
	for {
		m.at = m.read
		op, err := m.byte()
		if err != nil {
			return nil, err
		}
		if op == opStop {
			break
		}
		if err := m.step(op); err != nil {
			return nil, err
		}
	}
	value, err := m.pop()
	if err != nil {
		return nil, err
	}
	m.at = m.read
	switch _, err := m.r.ReadByte(); err {
	case io.EOF:
	case nil:
		return nil, errors.New("data after the end of the pickle")
	default:
		return nil, err
	}
	return value, nil
}

// step executes one instruction other than STOP.
func (m *machine) step(op byte) error {
	switch op {
	case opProto:
		version, err := m.byte()
		if err == nil && version != protocol {
			err = fmt.Errorf("protocol %d, where nagisa writes %d", version, protocol)
		}
		return err
	case opMark:
		m.marks = append(m.marks, len(m.stack))
		return m.count()
	case opEmptyDict:
		return m.push(&Dict{Values: map[string]any{}})
	case opEmptyList, opEmptyTuple:
		return m.push(&List{})
	case opTuple, opTuple1, opTuple2, opTuple3:
		items, err := m.items(op)
		if err != nil {
			return err
		}
		return m.push(&List{Items: items})
	case opAppend, opAppends:
		return m.extend(op)
	case opSetItem, opSetItems:
		return m.update(op)
	case opBinGet, opBinPut:
		return m.remember(op == opBinGet, 1)
	case opLongBinGet, opLongBinPut:
		return m.remember(op == opLongBinGet, 4)
	}
	value, err := m.scalar(op)
	if err != nil {
		return err
	}
	return m.push(value)
}

// items takes what an instruction puts into a container: a number of values of its own, or all above the last mark.
func (m *machine) items(op byte) ([]any, error) {
	switch op {
	case opAppend, opTuple1:
		return m.popN(1)
	case opSetItem, opTuple2:
		return m.popN(2)
	case opTuple3:
		return m.popN(3)
	}
	return m.popMark()
}

// extend appends items to the list on top of the stack.
func (m *machine) extend(op byte) error {
	items, err := m.items(op)
	if err != nil {
		return err
	}
	top, err := m.top()
	if err != nil {
		return err
	}
	list, ok := top.(*List)
	if !ok {
		return fmt.Errorf("items are appended to a %T", top)
	}
	list.Items = append(list.Items, items...)
	return nil
}

// update puts items, keys and values in turn, into the dict on top of the stack.
func (m *machine) update(op byte) error {
	items, err := m.items(op)
	if err != nil {
		return err
	}
	top, err := m.top()
	if err != nil {
		return err
	}
	dict, ok := top.(*Dict)
	if !ok {
		return fmt.Errorf("items are set in a %T", top)
	}
	if len(items)%2 != 0 {
		return errors.New("a dict key has no value")
	}
	for i := 0; i < len(items); i += 2 {
		key, ok := items[i].(string)
		if !ok {
			return fmt.Errorf("a dict key is a %T, not a str", items[i])
		}
		dict.Values[key] = items[i+1]
	}
	return nil
}

// remember stores the top of the stack or fetches what was stored, under an index of the given number of bytes.
func (m *machine) remember(fetch bool, size int) error {
	index, err := m.uint(size)
	if err != nil {
		return err
	}
	if fetch {
		value, ok := m.memo[index]
		if !ok {
			return fmt.Errorf("nothing was stored as %d", index)
		}
		return m.push(value)
	}
	top, err := m.top()
	if err != nil {
		return err
	}
	m.memo[index] = top
	return m.count()
}

// scalar reads the argument of an instruction that makes a value without items.
func (m *machine) scalar(op byte) (any, error) {
	switch op {
	case opNone:
		return nil, nil
	case opNewTrue:
		return true, nil
	case opNewFalse:
		return false, nil
	case opBinInt:
		v, err := m.uint(4)
		return int64(int32(v)), err
	case opBinInt1:
		v, err := m.uint(1)
		return int64(v), err
	case opBinInt2:
		v, err := m.uint(2)
		return int64(v), err
	case opBinFloat:
		b, err := m.bytes(8)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case opLong1:
		return m.long()
	case opShortBinString:
		b, err := m.sized(1)
		return ascii(b, err)
	case opBinString:
		b, err := m.sized(4)
		return ascii(b, err)
	case opBinUnicode:
		b, err := m.sized(4)
		return string(b), err
	}
	return nil, fmt.Errorf("instruction 0x%02x is not plain data", op)
}

// count notes one more object.
func (m *machine) count() error {
	if m.objects++; m.objects > m.limits.Objects {
		return fmt.Errorf("more than %d objects", m.limits.Objects)
	}
	return nil
}

func (m *machine) push(value any) error {
	m.stack = append(m.stack, value)
	return m.count()
}

// floor is the height below which the stack may not be touched.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) top() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, errUnderflow
	}
	return m.stack[len(m.stack)-1], nil
}

func (m *machine) pop() (any, error) {
	top, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return top, err
}

// popN takes the top n values, in the order they were pushed.
func (m *machine) popN(n int) ([]any, error) {
	if len(m.stack)-n < m.floor() {
		return nil, errUnderflow
	}
	return m.cut(len(m.stack) - n), nil
}

// popMark takes all values above the last mark, and the mark.
func (m *machine) popMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, errors.New("no mark is set")
	}
	height := m.floor()
	m.marks = m.marks[:len(m.marks)-1]
	return m.cut(height), nil
}

// cut takes the values from the given height up. They are copied, for the stack will be overwritten.
func (m *machine) cut(height int) []any {
	items := append([]any(nil), m.stack[height:]...)
	clear(m.stack[height:])
	m.stack = m.stack[:height]
	return items
}
