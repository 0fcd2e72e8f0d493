/** For browsers: page.html?ENGINE runs the cases when it is opened. */
const base = location.origin;
const engine = location.search.slice(1);
const fail = (error) =>
  fetch(`${base}/report/${engine}`, {
    method: 'POST',
    body: JSON.stringify({ failure: String(error?.stack ?? error) }),
  });

addEventListener('unhandledrejection', ({ reason }) => fail(reason));
try {
  const { exercise } = await import('../exercise.js');
  await exercise(await import('./package.js'), { base, engine });
} catch (error) {
  await fail(error);
}
