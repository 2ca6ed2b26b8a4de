// Package reporttest opens the page of `raphe report` in Chromium, through the
// protocol of WebDriver (https://www.w3.org/TR/webdriver2/), and uses it: with
// a mouse, with the keyboard alone, in the dark, and without its script.
//
// Needs Debian's packages chromium and chromium-driver.
package reporttest
