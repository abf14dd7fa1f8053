# Starts the grader in a container on Windows.
#   powershell -ExecutionPolicy Bypass -File tools\start.ps1                    grades the sample class
#   powershell -ExecutionPolicy Bypass -File tools\start.ps1 grade submitted    any command of `python -m autograder`
#   powershell -ExecutionPolicy Bypass -File tools\start.ps1 lab                JupyterLab with the formgrader, port 8888
# Says what is missing and how to get it. docs/machines.md has the rest; tools/start.sh is the same for macOS.
Set-Location (Join-Path $PSScriptRoot "..")

function Stop-With($What, $Advice) {
    Write-Host "Missing: $What"
    Write-Host "What to do: $Advice"
    exit 1
}

$engine = @("docker", "podman") | Where-Object { Get-Command $_ -ErrorAction SilentlyContinue } | Select-Object -First 1
if (-not $engine) {
    Stop-With "a program that runs containers" "install Docker Desktop (winget install Docker.DockerDesktop), open it once, and run this again."
}
& $engine info *> $null
if ($LASTEXITCODE -ne 0) {
    Stop-With "$engine is installed but not running" "open Docker Desktop, wait until it says it is running (it asks for WSL 2: wsl --install), and run this again."
}
& $engine compose version *> $null
if ($LASTEXITCODE -ne 0) {
    Stop-With "the compose plugin of $engine" "update Docker Desktop."
}

& $engine image inspect cnn-course *> $null
if ($LASTEXITCODE -ne 0) {
    Write-Host "Building the image (once, a few minutes: TensorFlow is large) ..."
    & $engine compose build grader
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
if ($args[0] -eq "lab") {
    & $engine compose --profile lab run --rm --service-ports lab
} else {
    & $engine compose run --rm grader @args
}
exit $LASTEXITCODE
