import { runLogged } from './report.mjs';

/** Node.js has neither zip nor xz; Python, which the build needs anyway, has. */
const UNPACK = `
import sys, tarfile, zipfile
with zipfile.ZipFile(sys.argv[1]) as jar:
    archive = next(name for name in jar.namelist() if name.endswith(sys.argv[2]))
    tarfile.open(fileobj=jar.open(archive), mode="r|*").extractall(sys.argv[3])`;

/** Unpacks the archive whose name ends with `suffix` and which lies within a jar. `name` is the log's. */
export async function unpackInnerArchive(name, jar, suffix, directory) {
  await runLogged(name, 'python3', ['-c', UNPACK, jar, suffix, directory]);
}
