// Runs before the first paint, so that a chosen theme does not flash the other one first. The toggle is in page.js.
try {
  const theme = localStorage.getItem('staterelay.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage may be forbidden; the system's theme it is.
}
