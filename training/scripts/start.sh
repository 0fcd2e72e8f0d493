#!/bin/sh
# Starts or resumes a run in the background: scripts/start.sh [profile [options of train.ts]]
# One thread each, so that the run keeps one core; log and process id lie in runs/<profile>/.
profile=${1:-default}
[ $# = 0 ] || shift
cd "$(dirname "$0")/.." || exit 1
mkdir -p "runs/$profile"
rm -f "runs/$profile/pause"
export TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1 TF_CPP_MIN_LOG_LEVEL=2
# Tensors come and go by the megabyte: keep their memory instead of giving it back each time.
export MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_MMAP_THRESHOLD_=8000000000
npm run build || exit 1
# Collecting garbage on one thread, too: helpers would wait for the other cores.
nohup node --single-threaded-gc --import tsx src/train.ts --profile "$profile" "$@" >> "runs/$profile/log.txt" 2>&1 &
