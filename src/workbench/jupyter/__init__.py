"""What JupyterLab sees of the workbench."""
