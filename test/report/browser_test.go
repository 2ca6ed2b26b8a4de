//go:build linux

package reporttest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long the browser may take for anything.
const patience = 90 * time.Second

// elementKey is the name under which the protocol gives an element.
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// A browser is a session with a Chromium of its own.
type browser struct {
	t   *testing.T
	url string // of the session
}

var driverPort = regexp.MustCompile(`started successfully on port (\d+)`)

// open starts a driver on a free port and a browser with a profile of its own;
// both end with the test.
func open(t *testing.T) *browser {
	t.Helper()
	for _, program := range []string{"chromium", "chromedriver"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not found (%v); install Debian's chromium and chromium-driver", program, err)
		}
	}
	cmd := exec.Command("chromedriver", "--port=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	lines, port := bufio.NewScanner(out), ""
	for port == "" && lines.Scan() {
		if m := driverPort.FindStringSubmatch(lines.Text()); m != nil {
			port = m[1]
		}
	}
	if port == "" {
		t.Fatal("chromedriver did not start")
	}
	go io.Copy(io.Discard, out)
	b := &browser{t: t, url: "http://127.0.0.1:" + port + "/session"}
	var session struct {
		ID string `json:"sessionId"`
	}
	b.call("POST", "", capabilities(t.TempDir()), &session)
	b.url += "/" + session.ID
	t.Cleanup(func() { b.call("DELETE", "", nil, nil) })
	b.visit("about:blank") // what the browser begins with is no business of ours
	b.log("browser")
	b.log("performance")
	return b
}

func capabilities(profile string) map[string]any {
	return map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"browserName":       "chrome",
		"goog:loggingPrefs": map[string]string{"browser": "ALL", "performance": "ALL"},
		"goog:chromeOptions": map[string]any{"args": []string{
			"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync",
			"--window-size=1280,1000", "--user-data-dir=" + profile,
		}},
	}}}
}

// call sends one command and reads the value of its answer.
func (b *browser) call(method, path string, body, value any) {
	b.t.Helper()
	if err := b.try(method, path, body, value); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) try(method, path string, body, value any) error {
	var text []byte
	if method == "POST" {
		if body == nil {
			body = struct{}{}
		}
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, b.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	client := http.Client{Timeout: patience}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer := struct{ Value json.RawMessage }{}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %.400s", method, path, answer.Value)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, value)
}

// visit opens a page and waits for it to be loaded.
func (b *browser) visit(url string) {
	b.t.Helper()
	b.call("POST", "/url", map[string]string{"url": url}, nil)
}

// eval gives the value of an expression of JavaScript.
func eval[T any](b *browser, expression string, args ...any) T {
	b.t.Helper()
	var v T
	b.call("POST", "/execute/sync", map[string]any{"script": "return " + expression, "args": append([]any{}, args...)}, &v)
	return v
}

// element finds the first element that a selector of CSS matches.
func (b *browser) element(selector string) string {
	b.t.Helper()
	var found map[string]string
	b.call("POST", "/element", map[string]string{"using": "css selector", "value": selector}, &found)
	return found[elementKey]
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.call("POST", "/element/"+b.element(selector)+"/click", nil, nil)
}

// write types into an element.
func (b *browser) write(selector, text string) {
	b.t.Helper()
	b.call("POST", "/element/"+b.element(selector)+"/value", map[string]string{"text": text}, nil)
}

// The keys of the protocol that have no character.
const (
	tab   = "\ue004"
	enter = "\ue007"
	space = " "
)

// press presses keys, one after the other, whatever has the focus.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	var actions []map[string]string
	for _, k := range keys {
		actions = append(actions, map[string]string{"type": "keyDown", "value": k}, map[string]string{"type": "keyUp", "value": k})
	}
	b.call("POST", "/actions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keys", "actions": actions}}}, nil)
}

// devtools sends a command of Chromium's own protocol.
func (b *browser) devtools(command string, params map[string]any) {
	b.t.Helper()
	b.call("POST", "/goog/cdp/execute", map[string]any{"cmd": command, "params": params}, nil)
}

// wait asks again and again until an expression is true.
func (b *browser) wait(expression string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if eval[bool](b, expression) {
			return
		}
	}
	b.t.Fatalf("it never came that %s", expression)
}

// log gives a log of the browser since it was last asked for.
func (b *browser) log(kind string) []string {
	b.t.Helper()
	var entries []struct{ Message string }
	b.call("POST", "/se/log", map[string]string{"type": kind}, &entries)
	var out []string
	for _, e := range entries {
		out = append(out, e.Message)
	}
	return out
}

// requests gives the addresses that the browser has asked for since the last look.
func (b *browser) requests() []string {
	b.t.Helper()
	var out []string
	for _, line := range b.log("performance") {
		var e struct {
			Message struct {
				Method string
				Params struct{ Request struct{ URL string } }
			}
		}
		if json.Unmarshal([]byte(line), &e) == nil && e.Message.Method == "Network.requestWillBeSent" && !strings.HasPrefix(e.Message.Params.Request.URL, "data:") {
			out = append(out, e.Message.Params.Request.URL)
		}
	}
	return out
}
