// Runs before the first paint, as a file of its own because the content security policy forbids inline scripts.
(function () {
  var saved = {};
  try {
    saved = JSON.parse(localStorage.getItem("truestock.preferences") || "{}");
  } catch (unreadable) {
    saved = {};
  }
  var root = document.documentElement;
  var prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
  var dark = saved.theme === "dark" || (saved.theme !== "light" && prefersDark);
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.density = saved.density === "compact" ? "compact" : "comfortable";
  var bar = document.querySelector('meta[name="theme-color"]');
  if (bar) bar.setAttribute("content", dark ? "#171e28" : "#ffffff");
})();
