package pickle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Limits bound what a pickle may cost.
type Limits struct {
	// Bytes is the length of the pickle.
	Bytes int64
	// Objects counts everything a pickle makes, stores or stacks.
	Objects int
	// Depth is how deep containers may nest.
	Depth int
}

var (
	errTooDeep   = errors.New("containers nest too deep")
	errUnderflow = errors.New("the stack holds too little")
)

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
	if _, err := measure(value, m.limits.Depth); err != nil {
		return nil, err
	}
	return value, nil
}

// step executes one instruction other than STOP.
func (m *machine) step(op byte) error {
	switch op {
	case opProto:
		version, err := m.byte()
		if err == nil && version > maxProtocol {
			err = fmt.Errorf("protocol %d is not known, only 0 to %d", version, maxProtocol)
		}
		return err
	case opFrame:
		_, err := m.length(8) // Frames only help reading ahead.
		return err
	case opMark:
		m.marks = append(m.marks, len(m.stack))
		return m.count()
	case opPop:
		if len(m.marks) > 0 && m.floor() == len(m.stack) {
			m.marks = m.marks[:len(m.marks)-1]
			return nil
		}
		_, err := m.pop()
		return err
	case opPopMark:
		_, err := m.popMark()
		return err
	case opDup:
		top, err := m.top()
		if err != nil {
			return err
		}
		return m.push(top)
	case opAppend, opAppends, opSetItem, opSetItems, opDict, opList, opTuple, opTuple1, opTuple2, opTuple3,
		opEmptyDict, opEmptyList, opEmptyTuple:
		return m.container(op)
	case opGet, opBinGet, opLongBinGet, opPut, opBinPut, opLongBinPut, opMemoize:
		return m.remember(op)
	}
	value, err := m.scalar(op)
	if err != nil {
		return err
	}
	return m.push(value)
}

// container executes the instructions that make or fill containers.
func (m *machine) container(op byte) error {
	switch op {
	case opEmptyDict:
		return m.push(&Dict{})
	case opEmptyList:
		return m.push(&List{})
	case opEmptyTuple:
		return m.push(&Tuple{})
	case opTuple1, opTuple2, opTuple3:
		items, err := m.popN(int(op-opTuple1) + 1)
		if err != nil {
			return err
		}
		return m.push(&Tuple{Items: items})
	case opAppend:
		items, err := m.popN(1)
		if err != nil {
			return err
		}
		return m.extend(items)
	case opSetItem:
		items, err := m.popN(2)
		if err != nil {
			return err
		}
		return m.update(items)
	}
	items, err := m.popMark()
	if err != nil {
		return err
	}
	switch op {
	case opTuple:
		return m.push(&Tuple{Items: items})
	case opList:
		return m.push(&List{Items: items})
	case opDict:
		if err := m.push(&Dict{}); err != nil {
			return err
		}
		return m.update(items)
	case opAppends:
		return m.extend(items)
	default: // opSetItems
		return m.update(items)
	}
}

// extend appends items to the list on top of the stack.
func (m *machine) extend(items []any) error {
	top, err := m.top()
	if err != nil {
		return err
	}
	list, ok := top.(*List)
	if !ok {
		return fmt.Errorf("items are appended to a %s", typeName(top))
	}
	list.Items = append(list.Items, items...)
	return nil
}

// update puts items, keys and values in turn, into the dict on top of the stack.
func (m *machine) update(items []any) error {
	top, err := m.top()
	if err != nil {
		return err
	}
	dict, ok := top.(*Dict)
	if !ok {
		return fmt.Errorf("items are set in a %s", typeName(top))
	}
	if len(items)%2 != 0 {
		return errors.New("a dict key has no value")
	}
	for i := 0; i < len(items); i += 2 {
		if err := dict.set(items[i], items[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// remember executes the instructions that store the top of the stack or fetch what was stored.
func (m *machine) remember(op byte) error {
	var index uint64
	var err error
	switch op {
	case opGet, opPut:
		var line []byte
		if line, err = m.line(); err == nil {
			index, err = strconv.ParseUint(string(line), 10, 32)
		}
	case opBinGet, opBinPut:
		index, err = m.uint(1)
	case opLongBinGet, opLongBinPut:
		index, err = m.uint(4)
	case opMemoize:
		index = uint64(len(m.memo))
	}
	if err != nil {
		return err
	}
	switch op {
	case opGet, opBinGet, opLongBinGet:
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
		return m.long(1)
	case opLong4:
		return m.long(4)
	case opInt, opLong, opFloat, opString, opUnicode:
		line, err := m.line()
		if err != nil {
			return nil, err
		}
		return parseLine(op, line)
	case opShortBinString:
		return m.sized(1, asciiString)
	case opBinString:
		return m.sized(4, asciiString)
	case opShortBinUnicode:
		return m.sized(1, unicodeString)
	case opBinUnicode:
		return m.sized(4, unicodeString)
	case opBinUnicode8:
		return m.sized(8, unicodeString)
	case opShortBinBytes:
		return m.sized(1, bytesValue)
	case opBinBytes:
		return m.sized(4, bytesValue)
	case opBinBytes8:
		return m.sized(8, bytesValue)
	}
	return nil, fmt.Errorf("instruction %s is not plain data", refused(op))
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
