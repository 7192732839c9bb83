// Runs before the first paint, so that a dark page never flashes white. Everything else can wait.
try {
  const theme = JSON.parse(localStorage.getItem("1fin:theme"))
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme
} catch {
  // No storage: the system's choice holds.
}
