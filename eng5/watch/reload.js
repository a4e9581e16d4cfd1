(() => {
  "use strict";
  const page = decodeURIComponent(location.pathname);
  let seen = null;
  const look = async () => {
    try {
      const answer = await fetch(`/.version?page=${encodeURIComponent(page)}`, { cache: "no-store" });
      const now = await answer.json();
      if (seen !== null && now.newest !== seen.newest) location.assign(encodeURI(now.newest));
      else if (seen !== null && now.version !== seen.version) location.reload();
      seen = now;
    } catch {
      // The page stays as it is while nobody serves it.
    }
    setTimeout(look, 500);
  };
  look();
})();
