// start.js: a classic script, which runs where modules do not: on a page that was opened from the disk, and in browsers
// from before modules. It says why nothing else happens; page.js takes its place away once the page runs.

(function () {
  var place = document.querySelector('.unserved');
  function say(sentence) {
    place.textContent = sentence;
    place.hidden = false;
  }
  if (location.protocol === 'file:') {
    say('This page was opened from disk, where browsers do not allow modules or workers. Serve its folder over http ' +
      'and open that address: in a checkout, “cargo xtask demo” does both.');
  } else if (!('noModule' in HTMLScriptElement.prototype)) {
    say('This browser is too old: it does not support JavaScript modules. Use a current one.');
  } else {
    addEventListener('error', function (event) {
      if (event.target instanceof HTMLScriptElement) {
        say('A file of this page could not be loaded: ' + event.target.src + '. Reload the page, or copy its whole folder again.');
      }
    }, true);
  }
})();
