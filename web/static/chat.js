// The chat page: wires its parts together. No build step; each part is one small module.

import { Composer } from "./composer.js";
import { call } from "./call.js";
import { newKey } from "./keys.js";
import { Picker } from "./picker.js";
import { Posts } from "./posts.js";
import { setUpSide } from "./side.js";
import { EventStream } from "./stream.js";
import { showTimes } from "./times.js";

const room = document.getElementById("room");
const banner = document.getElementById("banner");
const side = setUpSide();
const posts = new Posts({ onChange: refresh, onPress: press, onBegin: (text) => composer.begin(text) });
const composer = new Composer({ thread: room.dataset.thread, send, stop });
const stream = new EventStream({
  thread: room.dataset.thread,
  version: room.dataset.version,
  onPost: (post) => {
    posts.show(post);
    if (!post.growing) side.reload(room.dataset.thread);
  },
  onStatus: (text) => posts.wait(text || null),
  onConnection: (trouble) => {
    banner.textContent = trouble;
    banner.hidden = !trouble;
  },
});

function refresh() {
  composer.answering(posts.busy);
}

async function send(form) {
  posts.pending(form);
  const answer = await call(`/try/${room.dataset.thread}/say`, form);
  if (!answer.ok) {
    posts.dropPending(form.get("key"));
    return answer;
  }
  if (answer.expects === "reply") posts.await(form.get("key"));
  begin();
  if (answer.refresh) side.reload(room.dataset.thread);
  return answer;
}

function begin() {
  if ("started" in room.dataset) return;
  room.dataset.started = "";
  history.replaceState(null, "", `/try/${room.dataset.thread}`);
  stream.open();
  side.reload(room.dataset.thread);
}

async function press(command) {
  const form = new FormData();
  form.set("command", command);
  form.set("key", newKey());
  const answer = await call(`/try/${room.dataset.thread}/press`, form);
  if (!answer.ok) composer.complain(answer.say);
  else if (answer.html) composer.mention(answer.html, answer.bad);
  if (answer.refresh) side.reload(room.dataset.thread);
  if (answer.refresh && command.startsWith("forget ")) location.reload();
  return answer.ok && !answer.bad;
}

// Say a command without touching what stands in the box.
async function order(command) {
  const form = new FormData();
  form.set("key", newKey());
  form.set("text", command);
  const answer = await send(form);
  if (!answer.ok) composer.complain(answer.say);
}

async function stop() {
  await press("stop");
}

const picker = new Picker();
document.getElementById("model").addEventListener("click", () => {
  void picker.open(`/try/${room.dataset.thread}/models`, (model) => order(`/model ${model}`));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && posts.busy) void stop();
});
for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => composer.say(button.dataset.example));
}

showTimes(document);
posts.wait(room.dataset.status || null);
refresh();
posts.toEnd();
if ("started" in room.dataset) stream.open();
