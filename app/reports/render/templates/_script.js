(function () {
  "use strict";

  // A take may have several segments: each begins where the client's clock says, or after the one before it.
  function Track(player) {
    var parts = JSON.parse(player.dataset.parts).map(function (part) {
      return { address: part[0], start: part[1], length: 0 };
    });
    var current = 0;

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
    function show(number, seconds) {
      if (number === current) { player.currentTime = seconds; play(); return; }
      current = number;
      player.addEventListener("loadedmetadata", function () { player.currentTime = seconds; play(); }, { once: true });
      player.src = parts[number].address;
    }

    this.now = function () { return parts[current].start + player.currentTime * 1000; };
    this.seek = function (ms) {
      var number = 0;
      parts.forEach(function (part, index) { if (part.start <= ms) { number = index; } });
      show(number, Math.max(0, ms - parts[number].start) / 1000);
    };
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
    // Addresses of recordings are good for minutes only: say so instead of a player that does nothing.
    player.addEventListener("error", function () { player.closest(".player").querySelector("[data-note-of]").hidden = false; });
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
