#!/bin/sh
# Both schema engines give one verdict on mutants of the good messages; scripts/differential tries more.
set -eu
"$(dirname "$CPIS_PROGRAM")/differential" -s 7 4000
echo 'both schema engines give one verdict on 4,000 mutants'
