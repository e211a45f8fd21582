// Gives the precompiled header of the test programs a target with their flags to live in.
int main() { return 0; }
