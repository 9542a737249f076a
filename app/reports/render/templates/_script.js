(function () {
  "use strict";

  // A take may have several segments: each begins where the client's clock says, or after the one before it.
  function Track(player) {
    var parts = read(JSON.parse(player.dataset.parts));
    var current = 0;
    var at = 0; // seconds within the present part, also while none can be played
    var renewed = 0;

    function read(given) {
      return given.map(function (part) { return { address: part[0], start: part[1], length: 0 }; });
    }

    function place() {
      for (var i = 1; i < parts.length; i += 1) {
        parts[i].start = Math.max(parts[i].start, parts[i - 1].start + parts[i - 1].length);
      }
    }
    function measure(part) {
      var probe = document.createElement("video");
      probe.preload = "metadata";
      probe.addEventListener("loadedmetadata", function () {
        if (isFinite(probe.duration)) { part.length = probe.duration * 1000; }
        place();
      });
      probe.src = part.address;
    }
    function play() {
      var playing = player.play();
      if (playing) { playing.catch(function () {}); }
    }
    function load(number, seconds, goesOn) {
      current = number;
      at = seconds;
      player.addEventListener("loadedmetadata", function () {
        player.currentTime = seconds;
        if (goesOn) { play(); }
      }, { once: true });
      player.src = parts[number].address;
    }
    function show(number, seconds) {
      if (number !== current || player.error) { load(number, seconds, true); return; }
      player.currentTime = seconds;
      play();
    }
    function partAt(ms) {
      var number = 0;
      parts.forEach(function (part, index) { if (part.start <= ms) { number = index; } });
      return number;
    }
    function takeOver(found) {
      var ms = parts[current].start + at * 1000;
      var same = found.length === parts.length;
      if (same) { found.forEach(function (part, index) { parts[index].address = part[0]; }); } else { parts = read(found); }
      var number = same ? current : partAt(ms);
      load(number, same ? at : Math.max(0, ms - parts[number].start) / 1000, !player.paused);
    }

    this.now = function () { return parts[current].start + player.currentTime * 1000; };
    this.seek = function (ms) {
      var number = partAt(ms);
      show(number, Math.max(0, ms - parts[number].start) / 1000);
    };
    // Addresses of recordings are good for minutes: the same view goes on with new ones, where it was.
    this.renew = function () {
      if (!player.dataset.renewedAt || Date.now() - renewed < 10000) { return Promise.reject(new Error("no more")); }
      renewed = Date.now();
      return fetch(player.dataset.renewedAt, { headers: { Renews: parts[current].address } })
        .then(function (answer) { return answer.json(); })
        .then(takeOver);
    };
    ["seeking", "timeupdate"].forEach(function (name) {
      player.addEventListener(name, function () { if (!player.error) { at = player.currentTime; } });
    });
    player.addEventListener("ended", function () {
      if (current + 1 < parts.length) { show(current + 1, 0); }
    });
    if (parts.length > 1) { parts.forEach(measure); }
  }

  // The box fills the screen, so that what lies over the picture goes with it.
  if (document.fullscreenEnabled) {
    document.querySelectorAll("[data-full-screen]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { button.parentNode.querySelector(".screen").requestFullscreen(); });
    });
  }

  document.querySelectorAll("[data-player]").forEach(function (player) {
    var track = new Track(player);
    var lines = Array.prototype.filter.call(document.querySelectorAll("[data-of]"), function (line) {
      return line.dataset.of === player.dataset.player;
    });
    // Say so instead of a player that does nothing.
    var note = document.querySelector("[data-note-of=\"" + player.dataset.player + "\"]");
    function tell(lost) { if (note) { note.hidden = !lost; } }
    player.addEventListener("error", function () { track.renew().catch(function () { tell(true); }); });
    player.addEventListener("loadedmetadata", function () { tell(false); });
    player.addEventListener("timeupdate", function () {
      var now = track.now();
      lines.forEach(function (line) {
        line.classList.toggle("now", now >= Number(line.dataset.start) && now < Number(line.dataset.end));
      });
    });
    document.addEventListener("click", function (event) {
      var link = event.target.closest("[data-take]");
      if (!link || link.dataset.take !== player.dataset.player) { return; }
      event.preventDefault();
      track.seek(Number(link.dataset.ms));
      player.closest(".answer").scrollIntoView({ block: "start" });
    });
  });
})();
