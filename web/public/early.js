// Runs before the first paint, as a file of its own because the content security policy forbids inline scripts:
// sets the theme, and asks who is signed in, and for the page's files, while the application is still on its way.
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
  window.earlySession = fetch("/api/v1/session", { headers: { Accept: "application/json" }, credentials: "same-origin" });
  window.earlySession.catch(function () {});
  var pages = document.querySelector('meta[name="pages"]');
  JSON.parse(pages ? pages.content : "[]").forEach(function (page) {
    if (!new RegExp(page[0]).test(location.pathname)) return;
    page[1].forEach(function (file) {
      var link = document.createElement("link");
      var isStyle = /\.css$/.test(file);
      link.rel = isStyle ? "preload" : "modulepreload";
      if (isStyle) link.as = "style";
      link.crossOrigin = "";
      link.href = "/assets/" + file;
      document.head.append(link);
    });
  });
})();
