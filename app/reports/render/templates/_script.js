(function () {
  "use strict";
  function playerOf(take) {
    return Array.prototype.find.call(document.querySelectorAll("[data-player]"), function (p) {
      return p.dataset.player === take;
    });
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-take]");
    var player = link && playerOf(link.dataset.take);
    if (!player) { return; }
    event.preventDefault();
    player.currentTime = Number(link.dataset.ms) / 1000;
    var playing = player.play();
    if (playing) { playing.catch(function () {}); }
    player.closest(".answer").scrollIntoView({ block: "start" });
  });
  document.querySelectorAll("[data-player]").forEach(function (player) {
    var lines = Array.prototype.filter.call(document.querySelectorAll("[data-of]"), function (line) {
      return line.dataset.of === player.dataset.player;
    });
    player.addEventListener("timeupdate", function () {
      var now = player.currentTime * 1000;
      lines.forEach(function (line) {
        line.classList.toggle("now", now >= Number(line.dataset.start) && now < Number(line.dataset.end));
      });
    });
  });
})();
