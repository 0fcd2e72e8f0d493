// Lays TensorFlow's native library into tfjs-node and builds its binding.
//
// tfjs-node's own install step downloads a library from a bucket; on a machine that reaches only
// package registries the same library is inside PyPI's wheel. This script needs Node, a C++
// compiler and make; node-gyp itself looks for a Python interpreter to generate the makefile.
//
//   npm run setup
//
// SHVQ_TF_WHEEL  an existing wheel file to use instead of downloading one
// SHVQ_CACHE     folder for downloads (default: cache/)
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import yauzl from 'yauzl';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const TF_VERSION = '2.15.1';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** True where an NVIDIA device answers; then the CUDA build of the library is used. */
function hasCuda() {
  return spawnSync('nvidia-smi', ['-L'], { stdio: 'ignore' }).status === 0;
}

async function findWheel(project, cache) {
  if (process.env.SHVQ_TF_WHEEL) return resolve(process.env.SHVQ_TF_WHEEL);
  // The index that pip reads (PEP 691); mirrors have it, too.
  const index = `https://pypi.org/simple/${project}/`;
  const response = await fetch(index, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  });
  if (!response.ok) throw new Error(`${index} answered ${response.status}`);
  const { files } = await response.json();
  const wanted = `${project.replace('-', '_')}-${TF_VERSION}-cp311-cp311-manylinux`;
  const file = files.find(
    ({ filename }) => filename.startsWith(wanted) && filename.endsWith('x86_64.whl'),
  );
  if (!file) throw new Error(`no x86-64 Linux wheel of ${project} ${TF_VERSION}`);
  const path = join(cache, file.filename);
  if (!existsSync(path)) {
    console.log(`downloading ${file.filename}`);
    mkdirSync(cache, { recursive: true });
    const body = await fetch(new URL(file.url, index));
    if (!body.ok) throw new Error(`download of ${file.filename}: ${body.status}`);
    await pipeline(Readable.fromWeb(body.body), createWriteStream(`${path}.part`));
    const hash = createHash('sha256')
      .update(readFileSync(`${path}.part`))
      .digest('hex');
    if (hash !== file.hashes.sha256) throw new Error(`${file.filename}: wrong SHA-256`);
    renameSync(`${path}.part`, path);
  }
  return path;
}

/** Unpacks the wheel's headers to deps/include and its two libraries to deps/lib. */
function unpack(wheel, deps) {
  const target = (name) => {
    if (name.startsWith('tensorflow/include/')) return name.slice('tensorflow/'.length);
    const base = name.slice('tensorflow/'.length);
    return LIBRARIES.includes(base) ? join('lib', base) : undefined;
  };
  return new Promise((done, fail) => {
    yauzl.open(wheel, { lazyEntries: true }, (error, zip) => {
      if (error) return fail(error);
      zip.on('error', fail);
      zip.on('end', done);
      zip.on('entry', (entry) => {
        const to = target(entry.fileName);
        if (!to || entry.fileName.endsWith('/')) return zip.readEntry();
        const path = join(deps, to);
        mkdirSync(dirname(path), { recursive: true });
        zip.openReadStream(entry, (e, stream) => {
          if (e) return fail(e);
          pipeline(stream, createWriteStream(path)).then(() => zip.readEntry(), fail);
        });
      });
      zip.readEntry();
    });
  });
}

function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

const cuda = hasCuda();
const name = cuda ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
const folder = join(root, 'node_modules', name);
if (!existsSync(folder)) {
  execFileSync('npm', ['i', '--no-save', '--ignore-scripts', `${name}@4.22.0`], {
    cwd: root,
    stdio: 'inherit',
  });
}
const binding = join(folder, 'lib/napi-v8/tfjs_binding.node');
if (existsSync(binding) && !process.argv.includes('--force')) {
  console.log(`${name}: the binding is there already (--force builds it again)`);
} else {
  const cache = resolve(process.env.SHVQ_CACHE ?? join(root, 'cache'));
  const wheel = await findWheel(cuda ? 'tensorflow' : 'tensorflow-cpu', cache);
  console.log(`unpacking ${wheel}`);
  await unpack(wheel, join(folder, 'deps'));
  const lib = join(folder, 'deps/lib');
  link(LIBRARIES[0], join(lib, 'libtensorflow.so'));
  link(LIBRARIES[1], join(lib, 'libtensorflow_framework.so'));
  const gyp = require.resolve('node-gyp/bin/node-gyp.js');
  const prefix = dirname(dirname(process.execPath));
  const headers = [prefix, '/usr'].find((p) => existsSync(join(p, 'include/node/node_api.h')));
  execFileSync(
    process.execPath,
    [
      gyp,
      'rebuild',
      ...(headers ? [`--nodedir=${headers}`] : []),
      `--module_path=${join(folder, 'lib/napi-v8')}`,
      '--module_name=tfjs_binding',
    ],
    { cwd: folder, stdio: 'inherit' },
  );
  if (!existsSync(binding)) {
    throw new Error(`no binding in ${dirname(binding)}: ${readdirSync(dirname(binding))}`);
  }
}
console.log(`${name}: ready`);
