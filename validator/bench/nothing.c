/* A program that does nothing: what a cold start of cpis in one file is compared with. */
int main(void)
{
	return 0;
}
