// One call to the server. It always answers: { ok, ... } or { ok: false, say }.

const AWAY = "Switchboard cannot be reached just now. What you wrote is kept; send it again in a moment.";
const SIGNED_OUT = "You are signed out. What you wrote is kept; sign in with a new link, then send it again.";

export async function call(url, form) {
  let response;
  try {
    response = await fetch(url, { method: "POST", body: form, headers: { Accept: "application/json" } });
  } catch {
    return { ok: false, lost: true, say: AWAY };
  }
  let answer = {};
  try {
    answer = await response.json();
  } catch {
    return { ok: false, lost: response.ok, say: AWAY };
  }
  if (response.ok) return { ...answer, ok: true };
  const quote = answer.id ? ` (Error ${answer.id}.)` : "";
  return { ok: false, say: response.status === 401 ? SIGNED_OUT : (answer.say || AWAY) + quote };
}
