package task

import "strings"

// commandWords gives what to run for a command line that nipype would hand to a
// shell: its words where a shell would do no more than split it, else the shell.
// A first word that is no program is left to the shell, too: it may be a command
// of its own, or is missing, which it says in the words that people know.
func commandWords(line, path string) []string {
	if words, ok := shellWords(line); ok && findProgram(words[0], path) != "" {
		return words
	}
	return []string{"/bin/sh", "-c", line}
}

// shellWords splits a line as a POSIX shell does (Shell Command Language, 2.2
// and 2.3), not ok if the shell would do anything else with it.
func shellWords(line string) (words []string, ok bool) {
	var word strings.Builder
	inWord := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == ' ' || c == '\t':
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
			continue
		case c == '\'' || c == '"':
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 {
				return nil, false
			}
			quoted := line[i+1 : i+1+end]
			if c == '"' && strings.ContainsAny(quoted, "$`\\!") {
				return nil, false
			}
			word.WriteString(quoted)
			i += end + 1
		case c == '\\':
			if i++; i == len(line) || line[i] == '\n' {
				return nil, false
			}
			word.WriteByte(line[i])
		case !inWord && (c == '~' || c == '#'), isShells(c), c == '=' && len(words) == 0:
			return nil, false
		default:
			word.WriteByte(c)
		}
		inWord = true
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, len(words) > 0
}

// isShells tells the characters that mean something to a shell wherever they
// stand outside quotes.
func isShells(c byte) bool {
	return strings.IndexByte("|&;<>()$`\n\r*?[]{}!", c) >= 0
}
