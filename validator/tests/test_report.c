#include "report/sink.h"
#include "report/write.h"
#include "sample_results.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

int main(void) { return 0; }
