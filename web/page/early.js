// early.js: a classic script in the page's head. Before anything is drawn it says whether the address asks for something else
// than the comparison that the page brings along, and which light it wants. Its tag names that comparison; the build writes it.

(function () {
  var root = document.documentElement;
  var opening = document.currentScript.dataset;
  var address = new URLSearchParams(location.search);
  root.dataset.scripts = '';
  ['src', 'corruption', 'severity', 'seed', 'protocol', 'models', 'label'].forEach(function (name) {
    if (address.has(name) && address.get(name) !== (opening[name] || '')) root.dataset.other = '';
  });
  var theme = address.get('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
})();
