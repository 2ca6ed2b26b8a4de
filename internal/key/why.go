package key

import (
	"fmt"
	"strings"
)

// Why says in one line how an instance's list differs from the one that its
// last record was made with, "" when it does not. A fact is told where nothing
// else has changed: the digest of a node that another program made changes with
// each of its inputs, which say more.
func Why(before, now []Item) string {
	old := make(map[string]Item, len(before))
	for _, it := range before {
		old[it.Name] = it
	}
	var changes, facts []string
	for _, it := range now {
		was, known := old[it.Name]
		delete(old, it.Name)
		switch {
		case !known:
			changes = append(changes, fmt.Sprintf("%s is now set to %s", label(it.Name), it.Text))
		case was.Sum != it.Sum && isFact(it.Name):
			facts = append(facts, change(was, it))
		case was.Sum != it.Sum:
			changes = append(changes, change(was, it))
		}
	}
	for _, it := range before {
		if _, gone := old[it.Name]; gone {
			changes = append(changes, fmt.Sprintf("%s is no longer set (was %s)", label(it.Name), it.Text))
		}
	}
	if len(changes) == 0 {
		changes = facts
	}
	return strings.Join(changes, "; ")
}

// isFact reports whether the name of an item is a sentence's, as no port's is.
func isFact(name string) bool { return strings.Contains(name, " ") }

func change(was, now Item) string {
	switch {
	case now.Name == "interface" && was.Text == now.Text:
		return fmt.Sprintf("the definition of interface %s changed", now.Text)
	case now.Name == "tool":
		return fmt.Sprintf("the tool changed: %s -> %s", was.Text, now.Text)
	case was.Text == now.Text && strings.HasSuffix(now.Text, cutMark):
		return fmt.Sprintf("%s changed, beyond what is shown of it or in the content behind it: %s", label(now.Name), now.Text)
	case was.Text == now.Text:
		return fmt.Sprintf("the content behind %s changed: %s", label(now.Name), now.Text)
	}
	return fmt.Sprintf("%s changed: %s -> %s", label(now.Name), was.Text, now.Text)
}

// label names an item of the list in a sentence.
func label(name string) string {
	if env, ok := strings.CutPrefix(name, "environ."); ok {
		return "environment variable " + env
	}
	switch name {
	case "interface", "tool":
		return name
	}
	if isFact(name) {
		return name
	}
	return fmt.Sprintf("input %q", strings.TrimPrefix(name, "input."))
}
