#include "cli.h"
#include "sandbox.h"

/* The program, confined before it reads anything. */
int main(int argc, char **argv)
{
	return cli_run(argc, argv, sandbox_enter);
}
