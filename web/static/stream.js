// The event stream of a thread. The browser reconnects by itself and names the last version it saw; where it
// gives up, we try again from there. A tab that is out of sight for long lets go of its connection.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const LOST_AFTER = 1500;
const OUT_OF_SIGHT = 60_000;

const LOST = "Connection lost. Trying again…";
const SIGNED_OUT = "You are signed out. Open a new sign-in link, then reload this page.";

export class EventStream {
  #source = null;
  #timer = 0;
  #lostTimer = 0;
  #hideTimer = 0;
  #wait = FIRST_WAIT;

  constructor({ thread, version, onPost, onStatus, onConnection }) {
    Object.assign(this, { thread, version, onPost, onStatus, onConnection });
    document.addEventListener("visibilitychange", () => this.#onVisibility());
    // Leaving the page must not look like a lost connection.
    window.addEventListener("pagehide", () => this.#close());
    window.addEventListener("pageshow", (event) => event.persisted && this.open());
  }

  open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.wanted = true;
    const source = new EventSource(`/try/${this.thread}/events?after=${this.version}`);
    this.#source = source;
    source.addEventListener("post", (event) => {
      this.version = event.lastEventId || this.version;
      this.onPost(JSON.parse(event.data));
    });
    source.addEventListener("status", (event) => this.onStatus(JSON.parse(event.data).text));
    source.addEventListener("ready", () => {
      this.#wait = FIRST_WAIT;
      this.#found();
      this.onConnection("");
    });
    source.addEventListener("error", () => this.#onError(source));
  }

  #onError(source) {
    if (source !== this.#source) return;
    // The server may only have asked us to come back: say so when that takes longer than a moment.
    this.#lostTimer ||= setTimeout(() => this.onConnection(LOST), LOST_AFTER);
    if (source.readyState === EventSource.CLOSED) void this.#comeBack();
  }

  async #comeBack() {
    clearTimeout(this.#timer);
    if (await isSignedOut()) {
      this.#close();
      this.wanted = false;
      this.onConnection(SIGNED_OUT);
      return;
    }
    this.#timer = setTimeout(() => this.open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #found() {
    clearTimeout(this.#lostTimer);
    this.#lostTimer = 0;
  }

  #onVisibility() {
    clearTimeout(this.#hideTimer);
    if (!this.wanted) return;
    if (document.hidden) {
      this.#hideTimer = setTimeout(() => this.#close(), OUT_OF_SIGHT);
    } else if (!this.#source || this.#source.readyState === EventSource.CLOSED) {
      this.open();
    }
  }

  #close() {
    clearTimeout(this.#timer);
    this.#found();
    this.#source?.close();
    this.#source = null;
  }
}

async function isSignedOut() {
  try {
    return (await fetch("/api/complete?text=", { headers: { Accept: "application/json" } })).status === 401;
  } catch {
    return false;
  }
}
