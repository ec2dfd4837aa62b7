// start.js: a classic script, which runs where modules do not: on a page that was opened from the disk, and in browsers
// from before modules. It says why nothing else happens; page.js takes its place away once the page runs. It also makes the
// report of a failure, for itself and for the modules.

(function () {
  var place = document.querySelector('.unserved');
  var errors = [];

  function say(sentence) {
    place.textContent = sentence + ' ';
    place.hidden = false;
    document.documentElement.removeAttribute('data-scripts'); // Nothing is getting ready.
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'report';
    button.textContent = 'copy a report';
    button.onclick = function () {
      window.vitroReport([sentence], [], button);
    };
    place.appendChild(button);
  }

  // Copies what somebody would ask for who is told of the failure. No image is in it.
  window.vitroReport = function (sentences, more, button) {
    var text = ['vitro: what went wrong'].concat(sentences, '', more, [
      'page: ' + location.href,
      'browser: ' + navigator.userAgent,
      'device: ' + (navigator.hardwareConcurrency || '?') + ' cores, ' + (navigator.deviceMemory || '?') + ' GB, ' + screen.width + ' × ' + screen.height,
      'has: ' + ['WebAssembly', 'Worker', 'caches'].map(function (name) {
        return name + (name in window ? '' : ' missing');
      }).join(', ') + ', WebGPU' + ('gpu' in navigator ? '' : ' missing'),
      'connection: ' + (navigator.onLine ? 'online' : 'offline') + ', ' + (window.isSecureContext ? 'safe' : 'unsafe') + ', ' +
        (navigator.serviceWorker && navigator.serviceWorker.controller ? 'from this device' : 'from the server'),
    ], errors.length ? ['errors:'].concat(errors) : []).join('\n');
    var said = button.textContent;
    var copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
    copied.then(function () {
      button.textContent = 'copied';
      setTimeout(function () {
        button.textContent = said;
      }, 2000);
    }, function () {
      // Where the clipboard is closed, the text can be marked and copied by hand.
      var area = document.createElement('textarea');
      area.className = 'report';
      area.readOnly = true;
      area.value = text;
      button.replaceWith(area);
      area.focus();
      area.select();
    });
  };

  addEventListener('error', function (event) {
    if (event.message) errors = errors.concat(event.message).slice(-5);
  });
  addEventListener('unhandledrejection', function (event) {
    errors = errors.concat(String(event.reason)).slice(-5);
  });

  if (location.protocol === 'file:') {
    say('This page was opened from disk, where browsers do not allow modules or workers. Serve its folder over http ' +
      'and open that address: in a checkout, “cargo xtask demo” does both.');
  } else if (!('noModule' in HTMLScriptElement.prototype)) {
    say('This browser is too old: it does not support JavaScript modules. Use a current one.');
  } else {
    addEventListener('error', function (event) {
      if (event.target instanceof HTMLScriptElement) {
        say(navigator.onLine
          ? 'A file of this page could not be loaded: ' + event.target.src + '. Reload the page, or copy its whole folder again.'
          : 'This device is offline, and not all of this page is on it yet. Connect and reload the page.');
      }
    }, true);
  }
})();
